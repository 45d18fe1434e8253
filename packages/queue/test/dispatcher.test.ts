import type { Delivery } from '@trainyard/contracts';
import { Dispatcher, type DispatcherDatabase } from '@trainyard/queue';
import { eventually } from '@trainyard/test-kit';
import { expect, onTestFinished, test } from 'vitest';
import { consumeBusily, onEachBackend } from './backends.js';

const silent = { info: () => {}, warn: () => {} };

/** A stand-in for the database: its queued jobs, and the rows of its outbox. */
class Ledger implements DispatcherDatabase {
  readonly waiting = new Map<string, Delivery>();
  readonly unsent: Delivery[] = [];

  submit(jobId: string): void {
    const delivery = { jobId, attempt: 1, priority: 0 };
    this.waiting.set(jobId, delivery);
    this.unsent.push(delivery);
  }

  readonly outbox: DispatcherDatabase['outbox'] = {
    take: async (limit, publish) => {
      const rows = this.unsent.slice(0, limit);
      await publish(rows);
      return this.unsent.splice(0, rows.length).length;
    },
    queued: async (limit) => [...this.waiting.values()].slice(0, limit),
    notQueued: async (attempts) => attempts.filter(({ jobId }) => !this.waiting.has(jobId)),
  };

  readonly attempts: DispatcherDatabase['attempts'] = { heartbeats: async () => [], expire: async () => null };
}

onEachBackend((suite) => {
  test('ten jobs that wait when the queue is flushed are still handled, once each', async () => {
    const queue = await suite.open();
    const ledger = new Ledger();
    const dispatcher = new Dispatcher({ database: ledger, queue, logger: silent, reconcileMs: 200 });
    for (let i = 0; i < 10; i++) ledger.submit(`job_${i}`);
    dispatcher.start();
    onTestFinished(() => dispatcher.stop());
    await eventually('ten waiting', async () => (await queue.counts()).waiting === 10);
    await suite.flush();
    const handled: string[] = [];
    const consumer = queue.consume(
      async ({ jobId }) => {
        // As in a worker, the database decides whether the delivery still counts.
        if (ledger.waiting.delete(jobId)) handled.push(jobId);
      },
      { concurrency: 1 },
    );
    onTestFinished(() => consumer.close());
    await eventually('ten handled', () => handled.length === 10);
    expect(new Set(handled).size).toBe(10);
    expect(ledger.unsent).toEqual([]);
  });

  test('entries beyond the number of queued jobs are removed; those queued or being handled stay', async () => {
    const queue = await suite.open();
    const { began } = consumeBusily(queue);
    await queue.add([{ jobId: 'job_running', attempt: 1, priority: 0 }]);
    await eventually('the first to begin', () => began.length === 1);
    const ledger = new Ledger();
    for (const jobId of ['job_queued', 'job_gone']) ledger.submit(jobId);
    const dispatcher = new Dispatcher({ database: ledger, queue, logger: silent, reconcileMs: 50 });
    dispatcher.start();
    onTestFinished(() => dispatcher.stop());
    await eventually('both waiting', async () => (await queue.counts()).waiting === 2);
    ledger.waiting.delete('job_gone');
    await eventually('one to go', async () => (await queue.counts()).waiting === 1);
    const entries = ['job_running', 'job_queued', 'job_gone'].map((jobId) => ({ jobId, attempt: 1 }));
    expect(await queue.has(entries)).toEqual([true, true, false]);
  });

  test('a woken relay delivers well before its next run', async () => {
    const queue = await suite.open();
    const ledger = new Ledger();
    const intervals = { relayMs: 60_000, reconcileMs: 60_000 };
    const dispatcher = new Dispatcher({ database: ledger, queue, logger: silent, ...intervals });
    dispatcher.start();
    onTestFinished(() => dispatcher.stop());
    await new Promise((resolve) => setTimeout(resolve, 200));
    ledger.submit('job_late');
    dispatcher.wake();
    await eventually('the delivery', async () => (await queue.counts()).waiting === 1, 5000);
  });
});

test('the outbox keeps what the queue did not take, and a failing run is retried', async () => {
  const ledger = new Ledger();
  const log: string[] = [];
  const logger = {
    info: (_: object, text: string) => log.push(text),
    warn: (_: object, text: string) => log.push(text),
  };
  const added: string[] = [];
  let unreachable = true;
  const queue = {
    waiting: async () => [],
    remove: async () => {},
    addAgain: async () => {},
    add: async (deliveries: Delivery[]) => {
      if (unreachable && deliveries.length > 0) throw new Error('unreachable');
      added.push(...deliveries.map(({ jobId }) => jobId));
    },
  };
  const dispatcher = new Dispatcher({ database: ledger, queue, logger, relayMs: 20, reconcileMs: 60_000 });
  ledger.unsent.push({ jobId: 'job_1', attempt: 1, priority: 0 });
  dispatcher.start();
  onTestFinished(() => dispatcher.stop());
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(ledger.unsent).toHaveLength(1);
  unreachable = false;
  await eventually('the delivery', () => added.length === 1);
  await eventually('a log line', () => log.length === 2);
  expect(log).toEqual(['outbox relay failed; retrying', 'outbox relay recovered']);
});

test('a lost worker whose job cannot be ended holds up no other', async () => {
  const ledger = new Ledger();
  const expired: string[] = [];
  const at = new Date(0);
  const attempts: DispatcherDatabase['attempts'] = {
    heartbeats: async () => ['stuck', 'free'].map((token) => ({ token, at })),
    expire: async ({ token }) => {
      if (token === 'stuck') throw new Error('the row is locked');
      expired.push(token);
      return `job_${token}`;
    },
  };
  const queue = { waiting: async () => [], remove: async () => {}, addAgain: async () => {}, add: async () => {} };
  const database = { outbox: ledger.outbox, attempts };
  const dispatcher = new Dispatcher({ database, queue, logger: silent, heartbeatMs: 10 });
  dispatcher.start();
  onTestFinished(() => dispatcher.stop());
  await eventually('the other to be ended', () => expired.includes('free'));
});
