import { forecastSchema, type Job, TrainyardError } from '@trainyard/contracts';
import type { ForecastAt, Forecasts } from '../forecasts/forecasts.js';
import { Batcher } from '../postgres/batcher.js';
import { checkStorable } from '../postgres/checkStorable.js';
import { isUnavailable } from '../postgres/isUnavailable.js';
import { newId } from '../postgres/newId.js';
import type { Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';
import { insertJobs, type Numbered, type Placed, placed, type Submission } from './insertJobs.js';
import { jobRowSchema, kindOf, toJob } from './jobRow.js';
import { selectJobs } from './selectJobs.js';

/** What says whether an earlier request was the same. */
export type Repeated = Pick<Submission, 'apiKeyId' | 'idempotency'>;

export type SubmittedJob = {
  job: Job;
  /** false: an earlier request with the same idempotency key created the job. */
  created: boolean;
};

/** @returns for each submission its job, null if its idempotency key exists already, or the error that refused it. */
async function insertEach(postgres: Postgres, submissions: Numbered[]): Promise<(Job | null | Error)[]> {
  try {
    const given = await placed(postgres, submissions);
    const stored = new Map((await insertJobs(postgres, given)).map((row) => [row.id, row]));
    return given.map((submission) => {
      const row = stored.get(submission.id);
      return row ? newJob(submission, row.createdAt) : null;
    });
  } catch (error) {
    if (submissions.length === 1 || isUnavailable(error)) return submissions.map(() => error as Error);
    // One that cannot be stored must not fail the others that share its statement by chance.
    return (await Promise.all(submissions.map((submission) => insertEach(postgres, [submission])))).flat();
  }
}

function newJob(submission: Placed, createdAt: Date): Job {
  const { id, spec, architecture, parameters, datasetDigest, source = null } = submission;
  return {
    id,
    kind: kindOf(source),
    state: 'queued',
    terminal: false,
    name: spec.name,
    experiment: spec.experiment,
    tags: spec.tags,
    notes: spec.notes,
    priority: spec.priority,
    architecture,
    parameters,
    dataset: spec.dataset.name,
    datasetVersion: spec.dataset.version,
    datasetDigest,
    spec,
    source,
    initialWeights: submission.initialWeights ?? null,
    replayOf: submission.replayOf ?? null,
    imported: null,
    createdAt: createdAt.toISOString(),
    startedAt: null,
    finishedAt: null,
    trainingSeconds: 0,
    cost: null,
    stopped: null,
    attempt: 1,
    maxAttempts: spec.maxAttempts,
    executor: null,
    progress: null,
    queuePosition: submission.position,
    forecast: submission.forecast && forecastSchema.parse(submission.forecast),
    best: null,
    test: null,
    failure: null,
  };
}

/** The job that an API key submitted under this idempotency key, with the digest of that request's body. */
async function findByIdempotencyKey(
  postgres: Postgres,
  project: string,
  apiKeyId: string | null,
  key: string,
): Promise<{ job: Job; bodyHash: string | null } | null> {
  const which = sql`jobs.project = ${project} AND coalesce(api_key_id, '') = coalesce(${apiKeyId}, '')
    AND idempotency_key = ${key}`;
  const [row] = await postgres.query(jobRowSchema, selectJobs(which));
  return row ? { job: toJob(row), bodyHash: row.idempotencyHash } : null;
}

/** Stores submissions: one statement for all that arrive at the same time. Each call resolves after the commit. */
export class Submissions {
  readonly #batches: Batcher<Numbered, Job | null>;

  constructor(
    private readonly postgres: Postgres,
    private readonly forecasts: Pick<Forecasts, 'prepare'>,
  ) {
    this.#batches = new Batcher((batch) => insertEach(postgres, batch), { size: 100, lanes: 2 });
  }

  /**
   * Stores a job, its `submitted` event and the outbox row of its first attempt. The same idempotency key with the same
   * body returns the job of the first request.
   *
   * @throws TrainyardError `idempotency_key_reused` if an earlier request used the key with another body.
   */
  async submit(project: string, submission: Submission): Promise<SubmittedJob> {
    const { spec, idempotency } = submission;
    checkStorable({ ...spec, idempotencyKey: idempotency?.key });
    const forecastAt = await this.#forecastOf(submission);
    const id = submission.id ?? newId('job');
    const job = await this.#batches.call({ ...submission, project, id, forecastAt });
    if (job) return { job, created: true };
    const earlier = await this.submitted(project, submission);
    if (!earlier) throw new Error('a job without an idempotency key was not stored');
    return earlier;
  }

  /** That it cannot be made is no reason to refuse the job, unless the database is away. */
  #forecastOf(submission: Submission): Promise<ForecastAt | null> {
    return this.forecasts.prepare(submission).catch((error: unknown) => {
      if (isUnavailable(error)) throw error;
      return null;
    });
  }

  /**
   * The job that an earlier request with the submission's idempotency key created; null where there is none.
   *
   * @throws TrainyardError `idempotency_key_reused` if that request had another body.
   */
  async submitted(project: string, { apiKeyId, idempotency }: Repeated): Promise<SubmittedJob | null> {
    if (!idempotency) return null;
    const known = await findByIdempotencyKey(this.postgres, project, apiKeyId, idempotency.key);
    if (!known) return null;
    if (known.bodyHash !== idempotency.bodyHash) {
      throw new TrainyardError('idempotency_key_reused', 'this Idempotency-Key came with another body before');
    }
    return { job: known.job, created: false };
  }
}
