import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EpochMetrics, TestResults } from '@trainyard/contracts';
import { type Database, newId, openDatabase } from '@trainyard/db';
import type { Service } from '../shared/service.js';
import { type LoadFigures, summarize } from '../shared/statistics.js';

const eventsPerSecond = 5;
const workerId = newId('wrk');
const streamTimeoutMs = 120_000;

/** When the commit of an epoch returned, by `<job> <epoch>`; performance.now(). */
type CommitTimes = Map<string, number>;

interface WatchOptions {
  service: Pick<Service, 'url' | 'apiKey' | 'databaseUrl'>;
  /** Returns the id of a new job. */
  submit: () => Promise<string>;
  jobs: number;
  watchersPerJob: number;
  epochs: number;
}

/**
 * Watches jobs over live streams while this process writes their epochs, as if a worker trained them.
 *
 * @returns figures of the times from an event's commit to its arrival; errors: streams that did not get every event
 *   once and in order, and then the end.
 */
export async function watch({ service, submit, jobs, watchersPerJob, epochs }: WatchOptions): Promise<LoadFigures> {
  const db = await openDatabase(service.databaseUrl, { poolSize: 10 });
  try {
    const ids = await Promise.all(Array.from({ length: jobs }, submit));
    const commits: CommitTimes = new Map();
    const begin = performance.now();
    const streams = ids.flatMap((id) =>
      Array.from({ length: watchersPerJob }, () => new Watcher(id, commits).follow(service)),
    );
    await Promise.all(ids.map((id) => writeEpochs(db, id, epochs, commits)));
    const watchers = await Promise.all(streams);
    // submitted, started, the epochs, tested, succeeded
    const complete = Array.from({ length: epochs + 4 }, (_, i) => i + 1).join();
    const broken = watchers.filter(({ sequences, ended }) => !ended || sequences.join() !== complete).length;
    const times = watchers.flatMap(({ delays }) => delays);
    return summarize(times, (performance.now() - begin) / 1000, broken);
  } finally {
    await db.close();
  }
}

async function writeEpochs(db: Database, jobId: string, epochs: number, commits: CommitTimes): Promise<void> {
  const attempt = await db.attempts.open({ jobId, attempt: 1, workerId });
  if (!attempt) throw new Error(`${jobId} is not waiting for its first attempt`);
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    // A random pause, so that the jobs are not in step with each other.
    await sleep((0.5 + Math.random()) * (1000 / eventsPerSecond));
    await db.attempts.heartbeat(attempt.token);
    await db.attempts.epoch(attempt.token, metricsOf(epoch), null);
    commits.set(`${jobId} ${epoch}`, performance.now());
  }
  await db.attempts.succeed(attempt.token, testResults);
}

const metricsOf = (epoch: number): EpochMetrics => ({
  epoch,
  trainLoss: 1,
  trainAccuracy: 0.5,
  validationLoss: 1 / epoch,
  validationAccuracy: 0.5,
  learningRate: 0.01,
  trainSeconds: 1,
  validationSeconds: 0.1,
  imagesPerSecond: 1000,
  stepMilliseconds: 20,
  executor: 'native',
  device: 'cpu',
  best: true,
});

const testResults: TestResults = {
  epoch: 1,
  loss: 1,
  accuracy: 0.5,
  accuracyAugmented: null,
  correct: 50,
  total: 100,
  top5Accuracy: 0.9,
  macroF1: 0.5,
  seconds: 0.1,
  partial: false,
  last: null,
  classes: [],
  confusion: [],
};

/** One live stream of a job's events. */
class Watcher {
  readonly sequences: number[] = [];
  /** Milliseconds from the commit to the arrival of each epoch. */
  readonly delays: number[] = [];
  ended = false;

  constructor(
    private readonly jobId: string,
    private readonly commits: CommitTimes,
  ) {}

  /** Reads the stream to its end, or for two minutes. */
  follow({ url, apiKey }: WatchOptions['service']): Promise<this> {
    return new Promise((resolve) => {
      const headers = { authorization: `Bearer ${apiKey}`, accept: 'text/event-stream' };
      const path = `${url}/v1/jobs/${this.jobId}/events`;
      const request = http.get(path, { headers, agent: false }, (response) => {
        let rest = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          const messages = (rest + text).split('\n\n');
          rest = messages.pop() ?? '';
          for (const message of messages) this.#receive(message);
        });
        response.once('close', () => resolve(this));
      });
      request.setTimeout(streamTimeoutMs, () => request.destroy());
      request.on('error', () => resolve(this));
    });
  }

  #receive(message: string): void {
    if (/^event: end$/m.test(message)) this.ended = true;
    const sequence = /^id: (\d+)$/m.exec(message)?.[1];
    if (sequence === undefined) return;
    this.sequences.push(Number(sequence));
    const epoch = /"type":"epoch".*"data":\{.*"epoch":(\d+)/.exec(message)?.[1];
    if (epoch === undefined) return;
    // An event can arrive before its writer knows of the commit; that took no time.
    const commit = this.commits.get(`${this.jobId} ${epoch}`) ?? Number.POSITIVE_INFINITY;
    this.delays.push(Math.max(0, performance.now() - commit));
  }
}
