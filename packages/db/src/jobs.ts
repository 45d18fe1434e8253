import {
  ConflictError,
  type Job,
  type JobSpec,
  type ListJobsQuery,
  NotFoundError,
  type Page,
  TrainyardError,
} from '@trainyard/contracts';
import { type Client, join, json, type Sql, sql, type Transaction } from './client.js';
import { decodeCursor, toPage } from './cursor.js';
import { newId } from './ids.js';
import { jobRelations, toJob } from './rows.js';
import { enqueue, move, noFailure } from './transitions.js';

export type Submission = {
  /** Complete: every default filled in, the seed drawn. */
  spec: JobSpec;
  /** Preset name, or `custom`. */
  architecture: string;
  /** Trainable and fixed weights. */
  parameters: number;
  /** The key that submits; null where there are no keys. */
  apiKeyId: string | null;
  /** The caller's Idempotency-Key, and a digest of the body that came with it. */
  idempotency: { key: string; bodyHash: string } | null;
};

/** What the queue is to deliver. Higher priorities run sooner. */
export type Delivery = { jobId: string; attempt: number; priority: number };

/** Positions in the queue are counted up to here; whoever waits behind more jobs is told this number. */
export const maxQueuePosition = 1000;

/**
 * Stores a job, its `submitted` event and the outbox row for its first attempt: all or nothing, in one statement.
 * The same idempotency key with the same body gives the job that it gave before (`created: false`).
 *
 * @throws TrainyardError `idempotency_key_reused` if the key came with another body before.
 */
async function submit(client: Client, submission: Submission): Promise<{ job: Job; created: boolean }> {
  const { spec, architecture, parameters, apiKeyId, idempotency } = submission;
  const id = newId('job');
  const [created] = await client.$queryRaw<{ createdAt: Date; queuePosition: number }[]>`
    WITH job AS (
      INSERT INTO jobs (id, name, experiment, tags, notes, priority, architecture, parameters, dataset, dataset_version,
        spec, max_attempts, api_key_id, idempotency_key, idempotency_hash)
      VALUES (${id}, ${spec.name}, ${spec.experiment}, ${spec.tags}::text[], ${spec.notes}, ${spec.priority}::int,
        ${architecture}, ${parameters}::bigint, ${spec.dataset.name}, ${spec.dataset.version}::int,
        ${json(spec)}, ${spec.maxAttempts}::int, ${apiKeyId}, ${idempotency?.key ?? null}, ${idempotency?.bodyHash ?? null})
      ON CONFLICT (coalesce(api_key_id, ''), idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING id, attempt, priority, created_at
    ), told AS (
      INSERT INTO events (job_id, sequence, type, at, attempt, data)
      SELECT id, 1, 'submitted', created_at, attempt, '{}' FROM job
    ), sent AS (
      INSERT INTO outbox (job_id, attempt, priority) SELECT id, attempt, priority FROM job
    )
    SELECT created_at AS "createdAt", (
      SELECT count(*)::int FROM (
        SELECT FROM jobs WHERE state = 'queued' AND priority >= ${spec.priority}::int LIMIT ${maxQueuePosition}::int
      ) AS ahead
    ) AS "queuePosition"
    FROM job`;
  if (created) return { job: newJob(id, submission, created), created: true };
  return {
    job: await findByIdempotencyKey(client, apiKeyId, idempotency as { key: string; bodyHash: string }),
    created: false,
  };
}

function newJob(id: string, submission: Submission, stored: { createdAt: Date; queuePosition: number }): Job {
  const { spec, architecture, parameters } = submission;
  const { name, experiment, tags, notes, priority, maxAttempts } = spec;
  return {
    ...{
      id,
      state: 'queued',
      terminal: false,
      name,
      experiment,
      tags,
      notes,
      priority,
      architecture,
      parameters,
      spec,
    },
    ...{ createdAt: stored.createdAt.toISOString(), startedAt: null, finishedAt: null, trainingSeconds: 0 },
    ...{ attempt: 1, maxAttempts, executor: null, progress: null, queuePosition: stored.queuePosition },
    ...{ best: null, test: null, failure: null },
  };
}

async function findByIdempotencyKey(
  client: Client,
  apiKeyId: string | null,
  idempotency: { key: string; bodyHash: string },
) {
  const row = await client.job.findFirst({
    where: { apiKeyId, idempotencyKey: idempotency.key },
    include: jobRelations,
  });
  if (row === null || row.idempotencyHash !== idempotency.bodyHash) {
    throw new TrainyardError('idempotency_key_reused', 'this Idempotency-Key came with another body before');
  }
  return toJob(row, await queuePosition(client, row));
}

async function find(client: Client, id: string): Promise<Job | null> {
  const row = await client.job.findUnique({ where: { id }, include: jobRelations });
  return row && toJob(row, await queuePosition(client, row));
}

async function require(client: Client, id: string): Promise<Job> {
  const job = await find(client, id);
  if (job === null) throw new NotFoundError(`job ${id}`);
  return job;
}

/** Newest first. */
async function list(client: Client, query: ListJobsQuery): Promise<Page<Job>> {
  const keys = await client.$queryRaw<{ id: string; createdAt: Date }[]>(listStatement(query));
  const page = toPage(keys, query.limit, 'createdAt', ({ id, createdAt }) => ({ value: createdAt, id }));
  const ids = page.data.map(({ id }) => id);
  const rows = await client.job.findMany({ where: { id: { in: ids } }, include: jobRelations });
  const positions = rows.some((row) => row.state === 'queued') ? await queuePositions(client) : new Map();
  const byId = new Map(rows.map((row) => [row.id, row]));
  const found = ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
  return { data: found.map((row) => toJob(row, positionIn(positions, row))), nextCursor: page.nextCursor };
}

/** Which jobs are on a page, with one to spare, so that it is known whether another page follows. */
export function listStatement(query: ListJobsQuery): Sql {
  const conditions = [sql`true`];
  if (query.state?.length === 1) conditions.push(sql`state = ${query.state[0]}::job_state`);
  else if (query.state?.length) conditions.push(sql`state = ANY(${query.state}::job_state[])`);
  if (query.experiment !== undefined) conditions.push(sql`experiment = ${query.experiment}`);
  if (query.architecture !== undefined) conditions.push(sql`architecture = ${query.architecture}`);
  if (query.cursor !== undefined) {
    const { value, id } = decodeCursor('createdAt', query.cursor);
    conditions.push(sql`(created_at, id) < (${value}::timestamptz, ${id})`);
  }
  return sql`
    SELECT id, created_at AS "createdAt" FROM jobs WHERE ${join(conditions, ' AND ')}
    ORDER BY created_at DESC, id DESC LIMIT ${query.limit + 1}::int`;
}

type Queued = { id: string; state: string };
const positionIn = (positions: Map<string, number>, { id, state }: Queued) =>
  state === 'queued' ? (positions.get(id) ?? maxQueuePosition) : null;

async function queuePosition(client: Client, job: Queued): Promise<number | null> {
  return job.state === 'queued' ? positionIn(await queuePositions(client), job) : null;
}

/** Of the jobs that start next, how many start before each. */
async function queuePositions(client: Client): Promise<Map<string, number>> {
  const next = await queued(client, maxQueuePosition);
  return new Map(next.map(({ jobId }, position) => [jobId, position]));
}

/** The jobs that wait for a worker, in the order in which they start. */
async function queued(client: Client, limit: number): Promise<Delivery[]> {
  return await client.$queryRaw<Delivery[]>(queuedStatement(limit));
}

export const queuedStatement = (limit: number): Sql => sql`
  SELECT id AS "jobId", attempt, priority FROM jobs WHERE state = 'queued'
  ORDER BY priority DESC, created_at, id LIMIT ${limit}::int`;

/**
 * A queued job is cancelled at once; of a running one it is asked, and again asking changes nothing.
 *
 * @throws NotFoundError, or ConflictError if the job has ended.
 */
async function cancel(client: Client, id: string): Promise<Job> {
  await client.$transaction(async (tx) => {
    const moved = (await cancelWaiting(tx, id)) ?? (await askToCancel(tx, id));
    if (moved) return;
    const job = await tx.job.findUnique({ where: { id }, select: { state: true } });
    if (job === null) throw new NotFoundError(`job ${id}`);
    if (job.state !== 'cancelling') throw new ConflictError(`job ${id} has ended already: it is ${job.state}`);
  });
  return require(client, id);
}

const cancelWaiting = (tx: Transaction, id: string) =>
  move(tx, {
    where: sql`id = ${id} AND state IN ('queued', 'paused')`,
    set: [sql`state = 'cancelled', finished_at = now()`],
    events: [{ type: 'cancelled' }],
  });

const askToCancel = (tx: Transaction, id: string) =>
  move(tx, {
    where: sql`id = ${id} AND state IN ('running', 'pausing')`,
    set: [sql`state = 'cancelling'`],
    events: [{ type: 'cancelling' }],
  });

/**
 * Queues a failed or cancelled job again, with all its attempts before it; it goes on from its newest checkpoint.
 *
 * @throws NotFoundError, or ConflictError if the job is in another state.
 */
async function retry(client: Client, id: string): Promise<Job> {
  await client.$transaction(async (tx) => {
    const moved = await move(tx, {
      where: sql`id = ${id} AND state IN ('failed', 'cancelled')`,
      set: [sql`state = 'queued', attempt = attempt + 1, failures = 0, finished_at = NULL, progress = NULL`, noFailure],
      events: [{ type: 'retried' }],
    });
    if (moved) return enqueue(tx, moved);
    const job = await tx.job.findUnique({ where: { id }, select: { state: true } });
    if (job === null) throw new NotFoundError(`job ${id}`);
    throw new ConflictError(`only a failed or cancelled job can be retried; job ${id} is ${job.state}`);
  });
  return require(client, id);
}

export const jobs = (client: Client) => ({
  submit: (submission: Submission) => submit(client, submission),
  find: (id: string) => find(client, id),
  list: (query: ListJobsQuery) => list(client, query),
  queued: (limit: number) => queued(client, limit),
  cancel: (id: string) => cancel(client, id),
  retry: (id: string) => retry(client, id),
});
