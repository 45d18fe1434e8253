import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { eventually } from '@trainyard/test-kit';
import {
  createHome,
  descendants,
  type Home,
  isAlive,
  NodeProcess,
  patterns,
  readCredentials,
} from '@trainyard/test-kit/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let home: Home;
beforeAll(async () => {
  home = await createHome();
});
afterAll(() => home?.remove());

/** `trainyard up` below another program. */
const startBelow = (within: string[]): NodeProcess =>
  new NodeProcess('cli', ['up'], { TRAINYARD_HOME: home.folder, TRAINYARD_PORT: '0', HOME: home.folder }, within);

/** The same, when it is ready. */
async function start(within: string[], isReady = patterns.upIsReady) {
  const outer = startBelow(within);
  await outer.line(isReady, 60_000);
  const processes = descendants(outer.pid);
  const allEnded = () => eventually('the end of all processes', () => !processes.some(isAlive), 60_000);
  return { outer, processes, allEnded };
}

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
if (!has('script')) console.warn('SKIPPED: a closed terminal; there is no program `script` here');

describe.sequential('trainyard up stops in order', () => {
  it.skipIf(!has('script'))('when its terminal is closed', async () => {
    const { outer, processes, allEnded } = await start(['sh', '-c', 'exec script -qfc "$*" /dev/null', 'sh']);
    expect(processes.length).toBeGreaterThan(4);
    // The terminal ends with the process that made it.
    await outer.end('SIGKILL');
    await allEnded();
  });

  it.each(['npm start --silent', 'npx trainyard up'])('at SIGTERM to `%s`', async (command) => {
    const { outer, allEnded } = await start(['sh', '-c', `exec ${command}`]);
    const code = await outer.end('SIGTERM');
    await allEnded();
    // npx ends by itself; nothing can be done about its exit code.
    if (command.startsWith('npm')) expect(code).toBe(0);
    await outer.line(/^Stopped\.$/);
  });
});

it('stops all that the quickstart has started at SIGTERM to npm', async () => {
  const { outer, processes, allEnded } = await start(['sh', '-c', 'exec npm run quickstart'], /^== Getting the data$/);
  expect(processes.length).toBeGreaterThan(4);
  await outer.end('SIGTERM');
  await allEnded();
});

it.each([
  ['at its beginning', (up: NodeProcess) => up.line(/^Starting Trainyard/, 60_000)],
  ['with Postgres', (up: NodeProcess) => eventually('Postgres', () => descendants(up.pid).length > 3, 60_000)],
])('stops in order when it is asked to during its start, %s', async (_moment, reached) => {
  const up = startBelow([]);
  await reached(up);
  const processes = descendants(up.pid);
  expect(await up.end('SIGTERM')).toBe(0);
  expect(up.lines.at(-1)).toMatch(/^Stopped \(SIGTERM\) during the start\.$/);
  expect(processes.filter(isAlive)).toEqual([]);
});

/** Process id of `trainyard up` below another program. */
const upBelow = ({ pid }: NodeProcess): number | undefined =>
  descendants(pid).find((below) =>
    readFileSync(`/proc/${below}/cmdline`, 'utf8').startsWith(`${process.execPath}\0apps/cli`),
  );

it('goes on when nothing reads its output any more', async () => {
  const script = '{ "$@"; echo "exit code $?" >&3; } 3>&2 2>&1 | head -1 >&2; wait';
  const outer = startBelow(['bash', '-c', script, 'bash']);
  await outer.line(/^Starting Trainyard/, 60_000);
  const isReady = async () => {
    const { url } = await readCredentials(home.folder);
    return (await fetch(`${url}/readyz`)).ok;
  };
  await eventually('its API', () => isReady().catch(() => false), 60_000);
  const processes = descendants(outer.pid);
  process.kill(upBelow(outer) as number, 'SIGTERM');
  await outer.line(/^exit code 0$/);
  expect(processes.filter(isAlive)).toEqual([]);
});

it.each([
  ['nohup', ['bash', '-c', 'nohup "$@"; echo "exit code $?"', 'bash']],
  ['a shell that ignores SIGHUP', ['sh', '-c', 'trap "" HUP; "$@"; echo "exit code $?"', 'sh']],
])('goes on at SIGHUP below %s', async (_name, within) => {
  const { outer } = await start(within);
  const up = upBelow(outer) as number;
  process.kill(up, 'SIGHUP');
  process.kill(up, 'SIGTERM');
  await outer.line(/^exit code 0$/);
  expect(outer.lines).toContainEqual(expect.stringMatching(/^Stopping \(SIGTERM\)/));
});
