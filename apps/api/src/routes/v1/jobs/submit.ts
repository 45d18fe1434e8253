import {
  type Dataset,
  type Job,
  type JobSpec,
  jobSpecSchema,
  planSchema,
  submitQuerySchema,
  submittedJobSchema,
} from '@trainyard/contracts';
import type { ProjectDatasets } from '@trainyard/datasets';
import type { Project } from '@trainyard/db';
import { largestMemory, memoryBound, memoryWarning, planJob } from '@trainyard/spec';
import { splitOf, splitWarning, type Training } from '@trainyard/training';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { acceptedResponse } from '#http/responses.js';
import { bodyCheckedByRoute } from '#http/validation.js';
import type { Route } from '#routes/route.js';
import { idempotencyHeadersSchema, idempotencyOf } from '#services/idempotency.js';
import { checkedSpec, storeJob } from '#services/submission.js';

/** A plan stores nothing. Read before the query is validated, which then allows no other form of `true`. */
const isPlan = ({ query }: FastifyRequest): boolean =>
  z.looseObject({ dryRun: z.literal('true') }).safeParse(query).success;

/** Reads the labels, so only for a plan: the job warns of the same. */
async function splitWarningOf(spec: JobSpec, dataset: Dataset, datasets: ProjectDatasets): Promise<string | null> {
  const packed = await datasets.open(dataset.name, dataset.version);
  if (packed === null) return null;
  const labels = await packed.readLabels('train');
  return splitWarning(labels, splitOf(labels, spec, dataset), dataset, spec.dataset);
}

const connected = async ({ workers }: Pick<Project, 'workers'>) => (await workers.list()).filter(({ alive }) => alive);

/** Stores the job and responds with 202, before it is trained; with `dryRun=true` only computes its plan. */
export const submitJob: Route<'artifacts' | 'datasets' | 'memory' | 'quotas' | 'uploads' | 'wake'> = async (
  app,
  { artifacts, datasets, memory, quotas, uploads, wake },
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
        headers: idempotencyHeadersSchema,
        body: jobSpecSchema,
        response: { ...acceptedResponse(submittedJobSchema), 200: planSchema },
      },
    },
    async (request, reply) => {
      const body: unknown = request.body;
      const available = datasets.project(request.caller.project);
      const idempotency = idempotencyOf(request.headers, body);
      const send = (job: Job, created: boolean, notes: { chosen: string[]; warnings: string[] }) => {
        if (!created) reply.header('idempotency-replayed', 'true');
        return reply
          .code(202)
          .locate(`/v1/jobs/${job.id}`)
          .send({ ...job, ...notes });
      };
      const checked = await checkedSpec(body, {
        ...{ datasets: available, project: request.project, artifacts },
        upload: (id) => uploads.complete(request.caller.project, id),
      }).catch(async (error: unknown) => {
        // What the spec names may have been deleted since the request that this one repeats.
        const repeated = { apiKeyId: request.caller.id, idempotency: request.query.dryRun ? null : idempotency };
        const earlier = await request.project.jobs.submitted(repeated);
        if (earlier === null) throw error;
        return earlier.job;
      });
      if ('id' in checked) return send(checked, false, { chosen: [], warnings: [] });
      const { spec, model, dataset, chosen } = checked;
      if (request.query.dryRun) {
        const plan = { ...planJob(spec, model, dataset, chosen), memory: await memory({ spec, model, dataset }) };
        const ofMemory = plan.memory && memoryWarning(plan.memory, spec, await connected(request.project));
        const ofSplit = await splitWarningOf(spec, dataset, available);
        return reply.code(200).send({ ...plan, warnings: [ofMemory, ofSplit].filter((text) => text !== null) });
      }

      const storing = { request, available, artifacts, quotas, wake };
      const { job, created } = await storeJob(storing, checked, { idempotency });
      return send(job, created, { chosen, warnings: await warnings({ spec, model, dataset }, request.project) });
    },
  );
};
