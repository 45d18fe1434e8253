import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Dependencies } from '../dependencies.js';
import { health } from './health.js';
import { prometheusMetrics } from './metrics.js';
import { openapiDocument } from './openapi.json.js';
import type { Route } from './route.js';
import { describeArchitecture } from './v1/architectures/describe.js';
import { listArchitectures } from './v1/architectures/list.js';
import { listAudit } from './v1/audit.js';
import { listDatasets } from './v1/datasets.js';
import { cancelJob } from './v1/jobs/_id/cancel.js';
import { downloadCheckpoint } from './v1/jobs/_id/checkpoints/download.js';
import { listCheckpoints } from './v1/jobs/_id/checkpoints/list.js';
import { checkpointManifest } from './v1/jobs/_id/checkpoints/manifest.js';
import { deleteJobRoute } from './v1/jobs/_id/delete.js';
import { jobEvents } from './v1/jobs/_id/events.js';
import { getJob } from './v1/jobs/_id/get.js';
import { jobMetrics } from './v1/jobs/_id/metrics.js';
import { pauseJob } from './v1/jobs/_id/pause.js';
import { jobResults } from './v1/jobs/_id/results.js';
import { resumeJob } from './v1/jobs/_id/resume.js';
import { retryJob } from './v1/jobs/_id/retry.js';
import { listJobs } from './v1/jobs/list.js';
import { submitJob } from './v1/jobs/submit.js';
import { revokeKey } from './v1/keys/_id/revoke.js';
import { createKey } from './v1/keys/create.js';
import { listKeys } from './v1/keys/list.js';
import { queueDepth } from './v1/queue.js';
import { resultsHistory } from './v1/results.js';
import { listWorkers } from './v1/workers.js';

/** Every route of the service; the folders below here are its URLs, `_id` and the like their parameters. */
export const routes: FastifyPluginAsync<Dependencies> = async (app, dependencies) => {
  const all: Route<keyof Dependencies>[] = [
    ...[health, prometheusMetrics, openapiDocument],
    ...[
      submitJob,
      listJobs,
      getJob,
      pauseJob,
      resumeJob,
      cancelJob,
      retryJob,
      deleteJobRoute,
      jobEvents,
      jobMetrics,
      jobResults,
    ],
    ...[listCheckpoints, checkpointManifest, downloadCheckpoint],
    ...[resultsHistory, listArchitectures, describeArchitecture, listDatasets, listWorkers, queueDepth],
    ...[createKey, listKeys, revokeKey, listAudit],
  ];
  const typed = app.withTypeProvider<ZodTypeProvider>();
  for (const route of all) await typed.register(route, dependencies);
};
