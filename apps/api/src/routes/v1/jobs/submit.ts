import { createHash } from 'node:crypto';
import {
  ConflictError,
  type Dataset,
  InvalidInputError,
  type Job,
  type JobSpec,
  jobSpecSchema,
  planSchema,
  submitQuerySchema,
  submittedJobSchema,
} from '@trainyard/contracts';
import type { ProjectDatasets } from '@trainyard/datasets';
import type { Project } from '@trainyard/db';
import { checkSpec, largestMemory, memoryBound, memoryWarning, planJob } from '@trainyard/spec';
import { splitOf, splitWarning, type Training } from '@trainyard/training';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { acceptedResponse } from '#http/responses.js';
import { bodyCheckedByRoute } from '#http/validation.js';
import type { Route } from '#routes/route.js';

const headersSchema = z.object({
  /** A random text that the client chooses once per job and sends again with each retry of the request. */
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional(),
});

/** A plan stores nothing. Read before the query is validated, which then allows no other form of `true`. */
const isPlan = ({ query }: FastifyRequest): boolean =>
  z.looseObject({ dryRun: z.literal('true') }).safeParse(query).success;

/** The dataset that the spec names, or the default one; null if it does not exist or the name itself is invalid. */
async function datasetOf(body: unknown, datasets: ProjectDatasets): Promise<Dataset | null> {
  const { dataset } = z.looseObject({ dataset: z.unknown() }).catch({ dataset: undefined }).parse(body);
  const choice = jobSpecSchema.shape.dataset.safeParse(dataset);
  return choice.success ? datasets.find(choice.data.name, choice.data.version) : null;
}

/** @throws InvalidInputError with every fault of the spec. */
function check(body: unknown, dataset: Dataset | null) {
  const { spec, model, faults, chosen } = checkSpec(body, () => dataset);
  if (spec && model && dataset) return { spec, model, dataset, chosen };
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  throw new InvalidInputError(`the spec has ${count}`, faults, 'invalid_spec');
}

/**
 * Cancels a job whose dataset was deleted between its check and its insertion; from then on the job protects it.
 * @throws ConflictError
 */
async function checkStillThere(job: Job, datasets: ProjectDatasets, project: Pick<Project, 'jobs'>): Promise<void> {
  const { dataset, datasetVersion } = job;
  if ((await datasets.find(dataset, datasetVersion)) !== null) return;
  await project.jobs.cancel(job.id);
  throw new ConflictError(`the dataset ${dataset}@${datasetVersion} was just deleted; submit the job with another one`);
}

/** Reads the labels, so only for a plan: the job warns of the same. */
async function splitWarningOf(spec: JobSpec, dataset: Dataset, datasets: ProjectDatasets): Promise<string | null> {
  const packed = await datasets.open(dataset.name, dataset.version);
  if (packed === null) return null;
  const labels = await packed.readLabels('train');
  return splitWarning(labels, splitOf(labels, spec, dataset), dataset, spec.dataset);
}

const connected = async ({ workers }: Pick<Project, 'workers'>) => (await workers.list()).filter(({ alive }) => alive);

/** Independent of the order of keys: a client that retries may serialize its body again, in another order. */
const hashOf = (body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(body)))
    .digest('hex');

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
};

/** Stores the job and responds with 202, before it is trained; with `dryRun=true` only computes its plan. */
export const submitJob: Route<'datasets' | 'memory' | 'quotas' | 'wake'> = async (
  app,
  { datasets, memory, quotas, wake },
) => {
  /** The exact memory takes milliseconds, so it is planned only where sizes alone do not rule a warning out. */
  async function warnings(training: Training, project: Pick<Project, 'workers'>): Promise<string[]> {
    const workers = await connected(project);
    if (memoryBound(training) <= largestMemory(workers)) return [];
    const needed = await memory(training);
    const warning = needed && memoryWarning(needed, training.spec, workers);
    return warning === null ? [] : [warning];
  }

  app.post(
    '/v1/jobs',
    {
      config: { role: (request) => (isPlan(request) ? 'reader' : 'submitter') },
      validatorCompiler: bodyCheckedByRoute,
      schema: {
        operationId: 'submitJob',
        tags: ['jobs'],
        summary: 'Submit a job, or plan one (dryRun)',
        description:
          'Stores the job and answers 202 before it is trained. With `dryRun=true` nothing is stored: the answer is ' +
          '200 with layers, sizes, parameters and memory, and a key of the role reader suffices. A request that is ' +
          'sent again with the same Idempotency-Key answers with the job of the first one.',
        querystring: submitQuerySchema,
        headers: headersSchema,
        body: jobSpecSchema,
        response: { ...acceptedResponse(submittedJobSchema), 200: planSchema },
      },
    },
    async (request, reply) => {
      const body: unknown = request.body;
      const available = datasets.project(request.caller.project);
      const found = await datasetOf(body, available);
      const { spec, model, dataset, chosen } = check(body, found);
      if (request.query.dryRun) {
        const plan = { ...planJob(spec, model, dataset, chosen), memory: await memory({ spec, model, dataset }) };
        const ofMemory = plan.memory && memoryWarning(plan.memory, spec, await connected(request.project));
        const ofSplit = await splitWarningOf(spec, dataset, available);
        return reply.code(200).send({ ...plan, warnings: [ofMemory, ofSplit].filter((text) => text !== null) });
      }

      const key = request.headers['idempotency-key'];
      const submission = {
        spec,
        architecture: model.name,
        parameters: model.parameters,
        datasetDigest: dataset.digest,
        apiKeyId: request.caller.id,
        requestId: request.id,
        idempotency: key === undefined ? null : { key, bodyHash: hashOf(body) },
      };
      const { jobs } = request.project;
      const { job, created } = await quotas.admit(request.caller, {
        work: () => jobs.submit(submission),
        queued: (result) => result.created,
        repeated: () => jobs.submitted(submission),
      });
      request.createdId = job.id;
      if (created) {
        await checkStillThere(job, available, request.project);
        wake();
        request.log.info({ jobId: job.id, architecture: job.architecture }, 'job submitted');
      } else {
        reply.header('idempotency-replayed', 'true');
      }
      return reply
        .code(202)
        .locate(`/v1/jobs/${job.id}`)
        .send({ ...job, chosen, warnings: await warnings({ spec, model, dataset }, request.project) });
    },
  );
};
