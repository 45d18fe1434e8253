import { randomUUID } from 'node:crypto';
import {
  type AttemptKey,
  completeJobSpecSchema,
  type JobSource,
  type JobSpec,
  jobSourceSchema,
  type LoadedWeights,
  loadedWeightsSchema,
  maxQueuePosition,
} from '@trainyard/contracts';
import { z } from 'zod';
import { headOfQueue } from '../jobs/queueOrder.js';
import { move, noFailure } from '../jobs/transitions.js';
import { type Connection, type Postgres, parseRow } from '../postgres/postgres.js';
import { type Sql, sql } from '../postgres/sql.js';
import { type ResumePoint, resumePoint, rewindTo } from './resumePoint.js';

const waitSchema = z.object({
  /** How long the job waited for this attempt. */
  queuedSeconds: z.number(),
  /** Of the request that submitted the job; null if unknown. */
  requestId: z.string().nullable(),
});
type Wait = z.output<typeof waitSchema>;

const spentSchema = z.object({
  /** Seconds of the attempts before, and what they cost by the rates that are known. */
  spentSeconds: z.number(),
  spentCost: z.number(),
});
type Spent = z.output<typeof spentSchema>;

/** The worker that opens an attempt, and what an hour of it costs; null: unknown. */
export type OpeningWorker = { workerId: string; costPerHour: number | null };

export type OpenedAttempt = ResumePoint &
  AttemptKey &
  Wait &
  Spent & {
    /** The fencing token: names this attempt in every write, and is void once the attempt is not the current one. */
    token: string;
    project: string;
    spec: JobSpec;
    /** Of the dataset that the job was submitted for; null in jobs of old versions. */
    datasetDigest: string | null;
    /** The checkpoint that the job tests, with its key in the artifact store; null: the job trains. */
    tests: (JobSource & { key: string | null }) | null;
    /** What its weights start from; null: from the seed. */
    initialWeights: LoadedWeights | null;
  };

/** A stored spec that is older than a field gets the field's default. */
const jobRowSchema = z.object({
  project: z.string(),
  spec: completeJobSpecSchema,
  datasetDigest: z.string().nullable(),
  source: jobSourceSchema.nullable(),
  initialWeights: loadedWeightsSchema.nullable(),
});

/** @see Attempts.open */
export function openAttempt(
  postgres: Postgres,
  { workerId, ...key }: AttemptKey & { workerId: string },
): Promise<OpenedAttempt | null> {
  // As if it were the first of its project, wherever it stands.
  const turn = sql`(${headOfQueue(1)} SELECT min(first_start) FROM turns WHERE project = jobs.project)`;
  return postgres.transaction((tx) => open(tx, { ...key, turn }, { workerId, costPerHour: null }));
}

/**
 * Jobs of the queue that are looked at first: more workers seldom open one at the same moment, and each of these jobs
 * costs time.
 */
const firstLook = 50;

/** @see Attempts.openNext */
export async function openNextAttempt(postgres: Postgres, worker: OpeningWorker): Promise<OpenedAttempt | null> {
  return (await openFirst(postgres, firstLook, worker)) ?? openFirst(postgres, maxQueuePosition, worker);
}

const firstSchema = z.object({ jobId: z.string(), attempt: z.int(), turn: z.coerce.bigint() });

function openFirst(postgres: Postgres, limit: number, worker: OpeningWorker): Promise<OpenedAttempt | null> {
  return postgres.transaction(async (tx) => {
    // A job that another worker is just opening, or that a silent session has locked, is skipped.
    const [first] = await tx.query(
      firstSchema,
      sql`${headOfQueue(limit)} SELECT jobs.id AS "jobId", jobs.attempt, head.virtual_start AS turn
        FROM head JOIN jobs ON jobs.id = head.id
        WHERE state = 'queued' ORDER BY position LIMIT 1 FOR UPDATE OF jobs SKIP LOCKED`,
    );
    return first ? open(tx, { ...first, turn: sql`${first.turn}::bigint` }, worker) : null;
  });
}

/** @param turn the virtual start that the start of this job counts for. */
async function open(
  tx: Connection,
  { jobId, attempt, turn }: AttemptKey & { turn: Sql },
  { workerId, costPerHour }: OpeningWorker,
): Promise<OpenedAttempt | null> {
  const token = randomUUID();
  const wait = await readWait(tx, jobId);
  const point = await resumePoint(tx, jobId);
  const { epoch: resumedFromEpoch = 0, step: resumedFromStep = 0 } = point.resumeFrom?.manifest.cursor ?? {};
  const moved = await move(tx, {
    where: sql`id = ${jobId} AND state = 'queued' AND attempt = ${attempt}::int`,
    set: [
      sql`state = 'running', token = ${token}, heartbeat_at = now(), started_at = coalesce(started_at, now())`,
      sql`progress = NULL, virtual_start = ${turn}`,
      noFailure,
    ],
    events: [{ type: 'started', data: { workerId, resumedFromEpoch, resumedFromStep } }],
  });
  if (!moved) return null;
  const spent = await readSpent(tx, jobId);
  const data = { jobId, number: attempt, workerId, startedAt: moved.at, resumedFromEpoch, costPerHour };
  await tx.prisma.attempt.create({ data });
  await rewindTo(tx, jobId, point);
  const select = { project: true, spec: true, datasetDigest: true, source: true, initialWeights: true };
  const row = await tx.prisma.job.findUniqueOrThrow({ where: { id: jobId }, select });
  const { source, ...job } = parseRow(jobRowSchema, row);
  const tests = source && { ...source, key: await keyOf(tx, source) };
  return { token, jobId, attempt, ...job, tests, ...wait, ...spent, ...point };
}

/** Of the checkpoint as it was when its test was submitted; null: it is gone, or trained again with other weights. */
async function keyOf({ prisma }: Connection, { jobId, epoch, weightsSha256 }: JobSource): Promise<string | null> {
  const where = { jobId, epoch, step: 0, weightsSha256 };
  return (await prisma.checkpoint.findFirst({ where, select: { key: true } }))?.key ?? null;
}

/** Of a queued job: its row has not changed since it was queued, so `updated_at` is the time of that. */
async function readWait(tx: Connection, jobId: string): Promise<Wait> {
  const [wait] = await tx.query(
    waitSchema,
    sql`
    SELECT greatest(0, extract(epoch FROM now() - updated_at))::float8 AS "queuedSeconds",
      (SELECT data ->> 'requestId' FROM events WHERE job_id = jobs.id AND sequence = 1) AS "requestId"
    FROM jobs WHERE id = ${jobId}`,
  );
  return wait ?? { queuedSeconds: 0, requestId: null };
}

async function readSpent(tx: Connection, jobId: string): Promise<Spent> {
  const [spent] = await tx.query(
    spentSchema,
    sql`SELECT coalesce(sum(seconds), 0)::float8 AS "spentSeconds",
      coalesce(sum(seconds * cost_per_hour / 3600), 0)::float8 AS "spentCost"
    FROM (
      SELECT extract(epoch FROM finished_at - started_at) AS seconds, cost_per_hour
      FROM attempts WHERE job_id = ${jobId}
    ) AS ended`,
  );
  return spent ?? { spentSeconds: 0, spentCost: 0 };
}
