import { statSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '@trainyard/test-kit';
import {
  createHome,
  descendants,
  type EmbeddedStack,
  epochsOf,
  type Home,
  isAlive,
  NodeProcess,
  quickSpec,
  slowSpec,
  startEmbedded,
  waitForEnd,
  waitForMiddleOfEpoch,
} from '@trainyard/test-kit/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let home: Home;
let stack: EmbeddedStack;
beforeAll(async () => {
  // Every test here also shows that such a path does no harm.
  home = await createHome('trainyard höme #1 100%');
  // Meant for another database.
  const libpq = { PGSSLMODE: 'require', PGOPTIONS: '-c default_transaction_read_only=on' };
  stack = await startEmbedded(home, { ...libpq, TMPDIR: '/nonexistent' });
});
afterAll(async () => {
  await stack?.stop();
  await home?.remove();
});

describe.sequential('trainyard up', () => {
  it('writes its key and the password of its database so that only the owner can read them', () => {
    for (const file of ['credentials.json', 'postgres/password']) {
      expect(statSync(path.join(home.folder, file)).mode & 0o777).toBe(0o600);
    }
  });

  it('refuses a home that another process uses', async () => {
    const second = new NodeProcess('cli', ['up'], { TRAINYARD_HOME: home.folder, TRAINYARD_PORT: '0' });
    expect(await second.exited).not.toBe(0);
    expect(second.lines.join('\n')).toContain(`in use by process ${stack.up.pid}`);
  });

  it('restarts a killed worker, which resumes its job', async () => {
    const { id } = await stack.client.submit(slowSpec);
    await waitForMiddleOfEpoch(stack.client, id, 2);
    const [worker] = (await stack.client.workers()).filter(({ alive }) => alive);
    process.kill(worker?.pid as number, 'SIGKILL');
    expect(await waitForEnd(stack.client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(await epochsOf(stack.client, id)).toEqual([1, 2, 3, 4]);
  });

  it('hands its job back when it is stopped, leaves no process, and resumes the job at the next start', async () => {
    const { id } = await stack.client.submit(slowSpec);
    await waitForMiddleOfEpoch(stack.client, id, 2);
    const children = descendants(stack.up.pid);
    expect(children.length).toBeGreaterThan(3);
    expect(await stack.up.end('SIGTERM')).toBe(0);
    expect(children.filter(isAlive)).toEqual([]);
    stack = await startEmbedded(home);
    expect(await waitForEnd(stack.client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(await epochsOf(stack.client, id)).toEqual([1, 2, 3, 4]);
  });

  it('starts after it was killed, with its data, and ends the processes of before', async () => {
    const { id } = await stack.client.submit(quickSpec);
    await waitForEnd(stack.client, id);
    const children = descendants(stack.up.pid);
    await stack.up.end('SIGKILL');
    const { apiKey } = stack;
    stack = await startEmbedded(home);
    await eventually('the end of the processes of before', () => !children.some(isAlive));
    expect(stack.apiKey).toBe(apiKey);
    expect(await stack.client.job(id)).toMatchObject({ state: 'succeeded' });
    expect(await waitForEnd(stack.client, (await stack.client.submit(quickSpec)).id)).toMatchObject({
      state: 'succeeded',
    });
  });
});
