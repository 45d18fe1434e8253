import { type Progress, progressSchema } from '@trainyard/contracts';
import { z } from 'zod';
import { queueHead } from '../jobs/queueOrder.js';
import type { Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';

const stateSchema = z.object({
  workers: z.int(),
  /** Seconds that one of the newest trainings took from its start to its end, the median; null: none has ended. */
  typicalSeconds: z.number().nullable(),
  running: z.array(
    z.object({ seconds: z.number(), expected: z.number().nullable(), progress: progressSchema.nullable() }),
  ),
  /** Expected seconds of the queued jobs, in their order; null: unknown. */
  queued: z.array(z.number().nullable()),
});
/** Of the workers and the queue. */
export type QueueState = z.output<typeof stateSchema>;

export async function readQueueState(postgres: Postgres): Promise<QueueState> {
  const [state] = await postgres.query(
    stateSchema,
    sql`${queueHead}
    SELECT (
      SELECT count(*)::int FROM workers WHERE heartbeat_at > now() - interval '10 seconds' AND fault IS NULL
    ) AS workers, (
      SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at))
      FROM (
        SELECT finished_at, started_at FROM jobs
        WHERE finished_at IS NOT NULL AND started_at IS NOT NULL AND source IS NULL
        ORDER BY finished_at DESC LIMIT 50
      ) AS newest
    ) AS "typicalSeconds", (
      SELECT coalesce(jsonb_agg(jsonb_build_object('seconds', extract(epoch FROM now() - started_at),
        'expected', forecast #> '{runSeconds,p50}', 'progress', progress)), '[]')
      FROM jobs WHERE token IS NOT NULL
    ) AS running, (
      SELECT coalesce(jsonb_agg(forecast #> '{runSeconds,p50}' ORDER BY position), '[]')
      FROM head JOIN jobs ON jobs.id = head.id
    ) AS queued`,
  );
  if (!state) throw new Error('an aggregate returned no row');
  return state;
}

const secondsLeft = (progress: Progress | null, expected: number, seconds: number): number =>
  progress?.etaSeconds ?? Math.max(0, expected - seconds);

/** Seconds until the job at a position of the queue starts; null where nothing is known from which to expect it. */
export type ExpectedStart = (position: number) => number | null;

/**
 * When jobs start if every job takes as long as is expected of it: workers take them one after the other (list
 * scheduling).
 *
 * @returns a function that answers null where no worker is connected, or no job has ended from which to expect anything
 */
export function expectedStarts(state: QueueState): ExpectedStart {
  const { workers, typicalSeconds, running, queued } = state;
  const typical = typicalSeconds ?? 0;
  const busy = running.map(({ progress, expected, seconds }) => secondsLeft(progress, expected ?? typical, seconds));
  /** When each worker is free, the first one first. */
  const free = [...busy, ...Array<number>(workers).fill(0)]
    .sort((a, b) => b - a)
    .slice(0, workers)
    .reverse();
  /** Of the positions that were asked for, and of all before them. */
  const starts: number[] = [];
  return (position) => {
    if (workers === 0) return null;
    const isFree = running.length + position < workers;
    if (typicalSeconds === null && !isFree) return null;
    while (starts.length <= position) {
      const start = free.shift() ?? 0;
      const end = start + (queued[starts.length] ?? typical);
      const place = free.findIndex((time) => time > end);
      free.splice(place < 0 ? free.length : place, 0, end);
      starts.push(start);
    }
    return starts[position] ?? 0;
  };
}
