import type { Forecast, ForecastScores, Job, Quantiles } from '@trainyard/contracts';
import { z } from 'zod';
import { Batcher } from '../postgres/batcher.js';
import type { Postgres } from '../postgres/postgres.js';
import { json, type Sql, sql } from '../postgres/sql.js';
import { expectedStart, type QueueState, readQueueState } from './expectedStart.js';
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

/** How long submitted jobs will wait and run, from the history of the installation. */
export class Forecasts {
  readonly #kept = new Map<string, { at: number; value: Promise<unknown> }>();
  /** Never older than the call. */
  readonly #states: Batcher<null, QueueState>;
  /** The last one in which every worker had a job. */
  #busy: { at: number; state: QueueState } | null = null;
  readonly #stores: Batcher<{ id: string; forecast: unknown }, true>;

  constructor(private readonly postgres: Postgres) {
    this.#states = new Batcher(
      async (calls) => {
        const state = await readQueueState(postgres);
        return calls.map(() => state);
      },
      { size: 500, lanes: 2 },
    );
    this.#stores = new Batcher(
      async (rows) => {
        await postgres.execute(sql`
          WITH given AS MATERIALIZED (
            -- A row that a silent session has locked must not hold up the others.
            SELECT jobs.id, given.forecast
            FROM jsonb_to_recordset(${json(rows)}) AS given(id text, forecast jsonb) JOIN jobs ON jobs.id = given.id
            FOR UPDATE OF jobs SKIP LOCKED
          )
          UPDATE jobs SET forecast = given.forecast FROM given WHERE jobs.id = given.id`);
        return rows.map(() => true as const);
      },
      { size: 100, lanes: 1 },
    );
  }

  /** Forecasts a job that was just submitted, and stores the forecast with it. */
  async make(job: Job, subject: Subject): Promise<Forecast> {
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
    const [runs, state, starts] = await Promise.all([
      this.#keep(key, () => similarRuns(this.postgres, subject)),
      this.#queueState(),
      this.#keep('starts', () => this.postgres.query(startSchema, newestStarts)),
    ]);
    const position = job.queuePosition ?? 0;
    const expected = expectedStart(state, position);
    const runSeconds = nextQuantiles(runs);
    // How exactly a start at once comes says nothing about how exactly jobs end for which others wait.
    const alike = starts.filter((start) => (start.expected === 0) === (expected === 0));
    const ratios = alike.map((start) => (start.actual + shift) / (start.expected + shift));
    const forecast = {
      startSeconds: expected === null ? null : scaled(nextQuantiles(ratios), expected),
      runSeconds,
      similarJobs: runs.length,
      reason: [...whyWaiting(state, position), ...whatIsMissing(expected, ratios.length, runs.length)].join('; '),
    };
    await this.#stores.call({ id: job.id, forecast: { ...forecast, expectedStart: expected } });
    return forecast;
  }

  /**
   * One in which every worker has a job serves the next moments too: to read it costs as much as to store a job. One
   * with a free worker does not, as a moment later that worker has a job.
   */
  async #queueState(): Promise<QueueState> {
    if (this.#busy && performance.now() - this.#busy.at < busyMs) return this.#busy.state;
    const at = performance.now();
    const state = await this.#states.call(null);
    this.#busy = state.running.length >= state.workers ? { at, state } : null;
    return state;
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
