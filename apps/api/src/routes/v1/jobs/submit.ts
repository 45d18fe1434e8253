import { createHash } from 'node:crypto';
import {
  type Dataset,
  InvalidInputError,
  jobSchema,
  jobSpecSchema,
  planSchema,
  submitQuerySchema,
} from '@trainyard/contracts';
import { checkSpec, planJob } from '@trainyard/spec';
import { z } from 'zod';
import type { Dependencies } from '../../../dependencies.js';
import { accepts } from '../../../http/responses.js';
import { bodyCheckedByRoute } from '../../../http/validation.js';
import type { Route } from '../../route.js';

const headersSchema = z.object({
  /** Any text that the client draws once for a job and sends again when it does not know whether the job was taken. */
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional(),
});

/** The dataset that a spec names, or that it gets by default; null where there is none, or the choice itself is faulty. */
async function datasetOf(body: unknown, datasets: Dependencies['datasets']): Promise<Dataset | null> {
  const { dataset } = z.looseObject({ dataset: z.unknown() }).catch({ dataset: undefined }).parse(body);
  const choice = jobSpecSchema.shape.dataset.safeParse(dataset);
  return choice.success ? datasets.find(choice.data.name, choice.data.version) : null;
}

/** @throws InvalidInputError with every fault of the spec. */
function check(body: unknown, dataset: Dataset | null) {
  const { spec, model, faults } = checkSpec(body, () => dataset);
  if (spec && model && dataset) return { spec, model, dataset };
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  throw new InvalidInputError(`the spec has ${count}`, faults, 'invalid_spec');
}

/** The same whatever the order of keys, so that a client may build its body anew when it tries again. */
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

/** POST /v1/jobs: stores the job and answers 202 at once; with `dryRun=true` only says what the job would be. */
export const submitJob: Route<'datasets' | 'memory' | 'quotas' | 'wake'> = async (
  app,
  { datasets, memory, quotas, wake },
) => {
  app.post(
    '/v1/jobs',
    {
      config: { role: 'submitter' },
      validatorCompiler: bodyCheckedByRoute,
      schema: {
        tags: ['jobs'],
        summary: 'Submit a job, or plan one (dryRun)',
        querystring: submitQuerySchema,
        headers: headersSchema,
        body: jobSpecSchema,
        response: { ...accepts(jobSchema), 200: planSchema },
      },
    },
    async (request, reply) => {
      const body: unknown = request.body;
      const { spec, model, dataset } = check(body, await datasetOf(body, datasets));
      if (request.query.dryRun) {
        const plan = { ...planJob(spec, model, dataset), memory: await memory({ spec, model, dataset }) };
        return reply.code(200).send(plan);
      }

      const key = request.headers['idempotency-key'];
      const submission = {
        spec,
        architecture: model.name,
        parameters: model.parameters,
        apiKeyId: request.caller.id,
        requestId: request.id,
        idempotency: key === undefined ? null : { key, bodyHash: hashOf(body) },
      };
      const submit = () => request.project.jobs.submit(submission);
      const { job, created } = await quotas.admit(request.caller, submit, (result) => result.created);
      request.made = job.id;
      if (created) {
        wake();
        request.log.info({ jobId: job.id, architecture: job.architecture }, 'job submitted');
      } else {
        reply.header('idempotency-replayed', 'true');
      }
      return reply.code(202).header('location', `/v1/jobs/${job.id}`).send(job);
    },
  );
};
