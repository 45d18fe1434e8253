import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrainyardClient } from '@trainyard/client';
import { eventually } from '@trainyard/test-kit';
import {
  createHome,
  descendants,
  epochsOf,
  type Home,
  isAlive,
  NodeProcess,
  patterns,
  readCredentials,
  slowSpec,
  startEmbedded,
  waitForEnd,
  waitForFirstEpoch,
} from '@trainyard/test-kit/service';
import { describe, expect, it, onTestFinished } from 'vitest';

/** How often each case is tried; the moments are drawn each time. */
const rounds = Number(process.env.TRAINYARD_ROUNDS ?? 1);

const inNamespaces = ['unshare', '--mount', '--pid', '--ipc', '--fork', '--mount-proc', '--kill-child'];
const possible = spawnSync('unshare', [...inNamespaces.slice(1), 'true']).status === 0;
if (!possible) console.warn('SKIPPED: two stacks on one home; only root can make the namespaces of two containers');

/** As a container does it: the home is a mount of the same folder, and the processes outside are not seen. */
class Container {
  readonly up: NodeProcess;

  /** @param survives whether the container lives on when `up` has ended. */
  constructor(home: Home, survives: boolean) {
    const volume = mkdtempSync(path.join(tmpdir(), 'trainyard-volume-'));
    const run = survives ? '"$@"; sleep 1000' : 'exec "$@"';
    const script = `chmod 711 ${volume}; mount --bind ${home.folder} ${volume}; ${run}`;
    const env = { TRAINYARD_HOME: volume, TRAINYARD_PORT: '0' };
    this.up = new NodeProcess('cli', ['up'], env, [...inNamespaces, 'sh', '-c', script, 'sh']);
    onTestFinished(async () => {
      await this.end();
      rmSync(volume, { recursive: true });
    });
  }

  async ready(home: Home): Promise<TrainyardClient> {
    await this.up.line(patterns.upIsReady, 60_000);
    const { url, apiKey } = await readCredentials(home.folder);
    return new TrainyardClient({ baseUrl: url, apiKey });
  }

  /** Kills `up` alone: its Postgres stays. */
  async killSupervisor(): Promise<void> {
    // Below unshare and a shell.
    const [, supervisor] = descendants(this.up.pid);
    if (!supervisor) throw new Error('no supervisor');
    process.kill(supervisor, 'SIGKILL');
    await eventually('the end of the supervisor', () => !isAlive(supervisor));
  }

  /** Kills all its processes. */
  end(): Promise<unknown> {
    return this.up.end('SIGKILL');
  }
}

const refusal = / is in use by process \d+ of another container .*; stop it, or set TRAINYARD_HOME /;

async function expectRefusal(home: Home): Promise<void> {
  const { up } = new Container(home, false);
  const started = up.line(patterns.upIsReady, 60_000).catch(() => null);
  expect(await Promise.race([up.exited, started]), up.lines.join('\n')).toBe(2);
  // After "Starting Trainyard in …".
  expect(up.lines.slice(1)).toEqual([expect.stringMatching(refusal)]);
}

async function newHome(): Promise<Home> {
  const home = await createHome();
  onTestFinished(() => home.remove());
  await chmod(home.folder, 0o711);
  return home;
}

describe.skipIf(!possible)('two stacks on one home that do not see each other', { timeout: 1_200_000 }, () => {
  it('the second is refused, and the job of the first goes on', async () => {
    const home = await newHome();
    const first = await startEmbedded(home);
    onTestFinished(() => first.stop());
    const { id } = await first.client.submit(slowSpec);
    for (let round = 0; round < rounds; round += 1) await expectRefusal(home);
    expect(await waitForEnd(first.client, id)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await epochsOf(first.client, id)).toEqual([1, 2, 3, 4]);
  });

  it('the second is refused while the first is killed, until the Postgres of the first is dead too', async () => {
    const home = await newHome();
    for (let round = 0; round < rounds; round += 1) {
      const first = new Container(home, true);
      const client = await first.ready(home);
      const { id } = await client.submit(slowSpec);
      await waitForFirstEpoch(client, id);
      const refused = expectRefusal(home);
      await sleep(randomInt(1500));
      await first.killSupervisor();
      await refused;
      await expectRefusal(home);
      await first.end();
      const second = new Container(home, true);
      const next = await second.ready(home);
      expect(await waitForEnd(next, id)).toMatchObject({ state: 'succeeded' });
      expect(await epochsOf(next, id)).toEqual([1, 2, 3, 4]);
      await second.end();
    }
  });
});
