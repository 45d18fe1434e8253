import type { Forecast, ForecastScores, Quantiles } from '@trainyard/contracts';
import { z } from 'zod';
import { Batcher } from '../postgres/batcher.js';
import type { Postgres } from '../postgres/postgres.js';
import { type Sql, sql } from '../postgres/sql.js';
import { type ExpectedStart, expectedStarts, type QueueState, readQueueState } from './expectedStart.js';
import { fewestOutcomes, margin, nextQuantiles } from './quantiles.js';
import { type Subject, similarRuns } from './similarRuns.js';

/** What was read of jobs that have ended serves the forecasts of the next moments too. */
const validMs = 1000;
const maxKept = 1000;
/** And so long a state of the queue in which no worker is free. */
const busyMs = 500;

/** Of how many of the newest jobs the outcome is compared with the forecast. */
const compared = 1000;

const startSchema = z.object({ expected: z.number(), actual: z.number() });
const scoreRowSchema = z.object({
  startCount: z.int(),
  startWithin: z.int(),
  runCount: z.int(),
  runWithin: z.int(),
});

/** A second more on both sides: a start in no time would have no ratio. */
const shift = 1;

/** Seconds to the start of the newest jobs, and those that were expected. */
const newestStarts = sql`
  SELECT extract(epoch FROM started_at - created_at)::float8 AS actual,
    (forecast ->> 'expectedStart')::float8 AS expected
  FROM (
    SELECT started_at, created_at, forecast FROM jobs
    WHERE finished_at IS NOT NULL AND imported IS NULL ORDER BY finished_at DESC LIMIT 100
  ) AS newest
  WHERE started_at IS NOT NULL AND forecast ->> 'expectedStart' IS NOT NULL`;

const within = (seconds: Sql, name: 'startSeconds' | 'runSeconds'): Sql => sql`${seconds}::float8 BETWEEN
  (forecast #>> ${[name, 'p10']}::text[])::float8 AND (forecast #>> ${[name, 'p90']}::text[])::float8`;

const hasStart = sql`started_at IS NOT NULL AND forecast #> '{startSeconds,p90}' IS NOT NULL`;
const hasRun = sql`state = 'succeeded' AND attempt = 1 AND forecast #> '{runSeconds,p90}' IS NOT NULL`;

export const scoresStatement = sql`
  SELECT count(*) FILTER (WHERE ${hasStart})::int AS "startCount",
    count(*) FILTER (WHERE ${hasStart} AND
      ${within(sql`extract(epoch FROM started_at - created_at)`, 'startSeconds')})::int AS "startWithin",
    count(*) FILTER (WHERE ${hasRun})::int AS "runCount",
    count(*) FILTER (WHERE ${hasRun} AND
      ${within(sql`extract(epoch FROM finished_at - started_at)`, 'runSeconds')})::int AS "runWithin"
  FROM (
    SELECT state, attempt, created_at, started_at, finished_at, forecast FROM jobs
    WHERE finished_at IS NOT NULL AND imported IS NULL ORDER BY finished_at DESC LIMIT ${compared}::int
  ) AS newest`;

/** As it is stored with a job. */
export interface StoredForecast extends Forecast {
  /** Seconds, before the ratios of the past. */
  expectedStart: number | null;
}

/** The forecast of a job that gets this position in the queue. */
export type ForecastAt = (position: number) => StoredForecast;

/** The queue at a moment. */
interface Queue {
  state: QueueState;
  expectedStart: ExpectedStart;
}

/** Outcomes of the past: how many, and the quantiles of the next. */
interface Outcomes {
  count: number;
  next: Quantiles | null;
}

/** How long submitted jobs will wait and run, from the history of the installation. */
export class Forecasts {
  readonly #kept = new Map<string, { at: number; value: Promise<unknown> }>();
  /** Never older than the call. */
  readonly #queues: Batcher<null, Queue>;
  /** The last one in which every worker had a job. */
  #busy: { at: number; queue: Queue } | null = null;

  constructor(private readonly postgres: Postgres) {
    this.#queues = new Batcher(
      async (calls) => {
        const state = await readQueueState(postgres);
        const queue = { state, expectedStart: expectedStarts(state) };
        return calls.map(() => queue);
      },
      { size: 500, lanes: 2 },
    );
  }

  /**
   * Reads what the forecast of a job needs that is about to be submitted. Its position is known when it is stored, and
   * its forecast is stored with it: a second write of its row would cost as much as the first.
   */
  async prepare(subject: Subject): Promise<ForecastAt> {
    const { dataset, batchSize, epochs, precision, device, earlyStopping } = subject.spec;
    const { architecture, parameters, source } = subject;
    const key = JSON.stringify([
      architecture,
      parameters,
      dataset,
      batchSize,
      epochs,
      precision,
      device,
      earlyStopping,
      source === undefined,
    ]);
    const [runs, { state, expectedStart }, starts] = await Promise.all([
      this.#keep(key, async () => outcomesOf(await similarRuns(this.postgres, subject))),
      this.#queue(),
      this.#keep('starts', () => this.#starts()),
    ]);
    return (position) => {
      const expected = expectedStart(position);
      const ratios = expected === 0 ? starts.atOnce : starts.queued;
      return {
        startSeconds: expected === null ? null : scaled(ratios.next, expected),
        runSeconds: runs.next,
        similarJobs: runs.count,
        reason: [...whyWaiting(state, position), ...whatIsMissing(expected, ratios.count, runs.count)].join('; '),
        expectedStart: expected,
      };
    };
  }

  /** How exactly a start at once comes says nothing about how exactly jobs end for which others wait. */
  async #starts(): Promise<Record<'atOnce' | 'queued', Outcomes>> {
    const starts = await this.postgres.query(startSchema, newestStarts);
    const ratios = (of: typeof starts) => of.map(({ actual, expected }) => (actual + shift) / (expected + shift));
    return {
      atOnce: outcomesOf(ratios(starts.filter(({ expected }) => expected === 0))),
      queued: outcomesOf(ratios(starts.filter(({ expected }) => expected !== 0))),
    };
  }

  /**
   * One in which every worker has a job serves the next moments too: to read it costs as much as to store a job. One
   * with a free worker does not, as a moment later that worker has a job.
   */
  async #queue(): Promise<Queue> {
    if (this.#busy && performance.now() - this.#busy.at < busyMs) return this.#busy.queue;
    const at = performance.now();
    const queue = await this.#queues.call(null);
    this.#busy = queue.state.running.length >= queue.state.workers ? { at, queue } : null;
    return queue;
  }

  /** How often the forecasts of the newest jobs were right. */
  async scores(): Promise<ForecastScores> {
    const [row] = await this.postgres.query(scoreRowSchema, scoresStatement);
    if (!row) throw new Error('an aggregate returned no row');
    const score = (count: number, right: number) => ({ count, within: right, share: count > 0 ? right / count : null });
    return { start: score(row.startCount, row.startWithin), run: score(row.runCount, row.runWithin) };
  }

  /** What was read less than a second ago, or what `read` reads. */
  #keep<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(key);
    if (known && performance.now() - known.at < validMs) return known.value as Promise<T>;
    if (this.#kept.size >= maxKept) this.#kept.clear();
    const value = read();
    this.#kept.set(key, { at: performance.now(), value });
    value.catch(() => this.#kept.delete(key));
    return value;
  }
}

const outcomesOf = (outcomes: readonly number[]): Outcomes => ({
  count: outcomes.length,
  next: nextQuantiles(outcomes),
});

/** A quarter more on both sides: jobs that wait in one queue are early or late together, so they count as few. */
function scaled(ratios: Quantiles | null, expected: number): Quantiles | null {
  if (ratios === null) return null;
  const seconds = (ratio: number) => Math.max(0, (expected + shift) * ratio - shift);
  return { p10: seconds(ratios.p10 / margin), p50: seconds(ratios.p50), p90: seconds(ratios.p90 * margin) };
}

function whyWaiting({ workers, running }: QueueState, position: number): string[] {
  if (workers === 0) return ['no worker is connected'];
  if (running.length + position < workers) return ['a worker is free'];
  const ahead = position === 0 ? '' : `, and ${position === 1 ? 'one job is' : `${position} jobs are`} before it`;
  return [`${workers === 1 ? 'the worker is' : `all ${workers} workers are`} busy${ahead}`];
}

function whatIsMissing(expected: number | null, starts: number, runs: number): string[] {
  const reasons: string[] = [];
  if (expected !== null && starts < fewestOutcomes)
    reasons.push(`the time to the start is unknown: ${starts} of ${fewestOutcomes} jobs have ended that waited so`);
  if (runs < fewestOutcomes)
    reasons.push(`the time of the run is unknown: ${runs} of ${fewestOutcomes} similar jobs have succeeded`);
  return reasons;
}
