import { eventually } from '@trainyard/test-kit';
import {
  createHome,
  descendants,
  isAlive,
  NodeProcess,
  patterns,
  slowSpec,
  startEmbedded,
  waitForMiddleOfEpoch,
} from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';

/** A command in an environment that names other settings. */
const command = (...args: string[]) =>
  new NodeProcess('cli', args, {
    TRAINYARD_HOME: '/nonexistent/home',
    TRAINYARD_HOST: '192.0.2.1',
    TRAINYARD_PORT: '1',
    TRAINYARD_URL: 'http://192.0.2.1:1',
    TRAINYARD_API_KEY: 'of another service',
  });

async function useHome() {
  const home = await createHome();
  onTestFinished(() => home.remove());
  return home;
}

it('up, status and stop take a home by an option, which wins over the environment', async () => {
  const home = await useHome();
  const at = ['--home', home.folder];
  const up = command('up', ...at, '--host', '0.0.0.0', '--port', '0');
  await up.line(patterns.upIsReady, 60_000);
  expect(up.lines[0]).toBe('Other machines can reach 0.0.0.0. It speaks plain HTTP: put a proxy with TLS before it.');
  const status = command('status', ...at);
  expect(await status.exited).toBe(0);
  const fields = status.lines.join('\n');
  expect(fields).toMatch(/^ready {2}http:\/\/\S+:\d+\n/);
  expect(fields).toMatch(
    /\n {2}workers {2}1 worker, 0 training\n {2}queue {4}0 waiting, 0 running; it is in postgres\n/,
  );
  expect(fields).toContain(`\n  stack    process ${up.pid}, on ${home.folder}`);

  const processes = [up.pid, ...descendants(up.pid)];
  expect(processes.length).toBeGreaterThan(4);
  const stop = command('stop', ...at);
  expect(await stop.exited).toBe(0);
  expect(processes.filter(isAlive)).toEqual([]);
  expect(await up.exited).toBe(0);
  expect(stop.lines.at(-1)).toMatch(/^Stopped what ran on .*, after .* s\.$/);

  const after = command('status', ...at);
  expect(await after.exited).toBe(1);
  expect(after.lines[0]).toMatch(/^down /);
  const again = command('stop', ...at);
  expect(await again.exited).toBe(0);
  expect(again.lines).toEqual([`nothing runs on ${home.folder}`]);
});

it('stop lets a running job continue at the next start, and ends what a killed stack has left', async () => {
  const home = await useHome();
  const first = await startEmbedded(home);
  const { id } = await first.client.submit(slowSpec);
  await waitForMiddleOfEpoch(first.client, id, 1);
  expect(await command('stop', '--home', home.folder).exited).toBe(0);

  const second = await startEmbedded(home);
  expect((await second.client.job(id)).attempt).toBe(2);
  await second.client.cancel(id);
  const processes = descendants(second.up.pid);
  await second.up.end('SIGKILL');
  expect(await command('stop', '--home', home.folder).exited).toBe(0);
  await eventually('the end of all processes', () => !processes.some(isAlive));
});
