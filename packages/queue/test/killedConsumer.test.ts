import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Delivery } from '@trainyard/contracts';
import { Dispatcher } from '@trainyard/queue';
import { eventually } from '@trainyard/test-kit';
import { expect, onTestFinished, test } from 'vitest';
import { onEachBackend } from './backends.js';

const program = fileURLToPath(new URL('consumerProcess.mjs', import.meta.url));
const lockMs = 1000;

onEachBackend((suite) => {
  test('a job whose consumer is killed is delivered again as its next attempt, and the old entry goes', async () => {
    const queue = await suite.open();
    await queue.add([{ jobId: 'job_1', attempt: 1, priority: 0 }]);
    const child = spawn(
      process.execPath,
      [program, JSON.stringify({ ...suite.connection(), name: queue.name, lockMs })],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const [output] = await once(child.stdout, 'data');
    expect(String(output)).toBe('began job_1\n');
    child.kill('SIGKILL');
    await once(child, 'exit');

    // Here the database takes the silent attempt for lost at the first check.
    const queued: Delivery[] = [];
    const dispatcher = new Dispatcher({
      database: {
        outbox: {
          take: async (_limit, publish) => publish(queued.splice(0)).then(() => 0),
          queued: async () => [],
          notQueued: async () => [],
        },
        attempts: {
          heartbeats: async () => [{ token: 'first attempt', at: new Date(0) }],
          expire: async () => {
            queued.push({ jobId: 'job_1', attempt: 2, priority: 0 });
            return 'job_1';
          },
        },
      },
      queue,
      logger: { info: () => {}, warn: () => {} },
      relayMs: 100_000,
      reconcileMs: 100_000,
      heartbeatMs: 20,
    });
    const handled: number[] = [];
    const consumer = queue.consume(async ({ attempt }) => void handled.push(attempt), { concurrency: 1, lockMs });
    onTestFinished(() => consumer.close());
    dispatcher.start();
    onTestFinished(() => dispatcher.stop());
    await eventually('the next attempt', () => handled.length > 0);
    await eventually('the old entry to go', async () => !(await queue.has([{ jobId: 'job_1', attempt: 1 }]))[0]);
    expect(new Set(handled)).toEqual(new Set([2]));
  });
});
