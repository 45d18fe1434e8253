import { type Delivery, Dispatcher, type DispatcherOptions } from '@trainyard/queue';
import { eventually } from '@trainyard/test-kit';
import { expect, onTestFinished, test } from 'vitest';
import { onEachBackend } from './backends.js';

const silent = { info: () => {}, warn: () => {} };

/** Stands for the database: what is queued there, and what its outbox holds. */
class Ledger {
  readonly queued = new Map<string, Delivery>();
  readonly outbox: Delivery[] = [];

  submit(jobId: string): void {
    const delivery = { jobId, attempt: 1, priority: 0 };
    this.queued.set(jobId, delivery);
    this.outbox.push(delivery);
  }

  options(
    add: DispatcherOptions['add'],
    expireLost: DispatcherOptions['expireLost'] = async () => [],
  ): DispatcherOptions {
    return {
      takeOutbox: async (limit, publish) => {
        const rows = this.outbox.slice(0, limit);
        await publish(rows);
        return this.outbox.splice(0, rows.length).length;
      },
      queuedJobs: async (limit) => [...this.queued.values()].slice(0, limit),
      ...{ expireLost, add, logger: silent, reconcileMs: 200 },
    };
  }
}

onEachBackend((suite) => {
  test('ten jobs that wait when the queue is flushed are still handled, once each', async () => {
    const queue = await suite.open();
    const ledger = new Ledger();
    const dispatcher = new Dispatcher(ledger.options((delivery) => queue.add(delivery)));
    for (let i = 0; i < 10; i++) ledger.submit(`job_${i}`);
    dispatcher.start();
    onTestFinished(() => dispatcher.stop());
    await eventually('ten waiting', async () => (await queue.counts()).waiting === 10);
    await suite.flush();
    const handled: string[] = [];
    const consumer = queue.consume(
      async ({ jobId }) => {
        // As a worker does: the database says whether the delivery still counts.
        if (ledger.queued.delete(jobId)) handled.push(jobId);
      },
      { concurrency: 1 },
    );
    onTestFinished(() => consumer.close());
    await eventually('ten handled', () => handled.length === 10);
    expect(new Set(handled).size).toBe(10);
    expect(ledger.outbox).toEqual([]);
  });

  test('a woken relay delivers well before its next turn', async () => {
    const queue = await suite.open();
    const ledger = new Ledger();
    const options = ledger.options((delivery) => queue.add(delivery));
    const dispatcher = new Dispatcher({ ...options, relayMs: 60_000, reconcileMs: 60_000 });
    dispatcher.start();
    onTestFinished(() => dispatcher.stop());
    await new Promise((resolve) => setTimeout(resolve, 200));
    ledger.submit('job_late');
    dispatcher.wake();
    await eventually('the delivery', async () => (await queue.counts()).waiting === 1, 5000);
  });
});

test('the outbox keeps what the queue did not take, and a failing turn is tried again', async () => {
  const ledger = new Ledger();
  const log: string[] = [];
  const logger = {
    info: (_: object, text: string) => log.push(text),
    warn: (_: object, text: string) => log.push(text),
  };
  const added: string[] = [];
  let away = true;
  const add = async ({ jobId }: Delivery) => {
    if (away) throw new Error('away');
    added.push(jobId);
  };
  const dispatcher = new Dispatcher({ ...ledger.options(add), queuedJobs: async () => [], logger, relayMs: 20 });
  ledger.submit('job_1');
  dispatcher.start();
  onTestFinished(() => dispatcher.stop());
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(ledger.outbox).toHaveLength(1);
  away = false;
  await eventually('the delivery', () => added.length === 1);
  await eventually('a log line', () => log.length === 2);
  expect(log).toEqual(['outbox relay failed; trying again', 'outbox relay works again']);
});
