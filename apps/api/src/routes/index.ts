import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { dashboard } from './dashboard.js';
import type { Dependencies } from './dependencies.js';
import { getRoot } from './get.js';
import { getHealth } from './healthz/get.js';
import { prometheusMetrics } from './metrics/get.js';
import { mlflowApi } from './mlflow/mlflow.js';
import { openapiDocument } from './openapi.json/get.js';
import { getReadiness } from './readyz/get.js';
import type { Route } from './route.js';
import { describeArchitecture } from './v1/architectures/describe.js';
import { listArchitectures } from './v1/architectures/list.js';
import { listAudit } from './v1/audit/list.js';
import { costsRoute } from './v1/compare/costs.js';
import { compareRoute } from './v1/compare/get.js';
import { comparisonPicture } from './v1/compare/picture.js';
import { listCurves } from './v1/curves/list.js';
import { deleteDataset } from './v1/datasets/_name/delete.js';
import { exportDataset } from './v1/datasets/_name/export.js';
import { getDataset } from './v1/datasets/_name/get.js';
import { channelsPicture } from './v1/datasets/_name/pictures/channels.js';
import { samplesPicture } from './v1/datasets/_name/pictures/samples.js';
import { imageRuns } from './v1/datasets/_name/predictions/_image/get.js';
import { datasetPredictions } from './v1/datasets/_name/predictions/list.js';
import { renameDataset } from './v1/datasets/_name/rename.js';
import { datasetSamples } from './v1/datasets/_name/samples.js';
import { listDatasets } from './v1/datasets/list.js';
import { uploadDataset } from './v1/datasets/upload.js';
import { deleteAlias } from './v1/experiments/_name/aliases/_alias/delete.js';
import { downloadAlias } from './v1/experiments/_name/aliases/_alias/download.js';
import { getAlias } from './v1/experiments/_name/aliases/_alias/get.js';
import { predictByAlias } from './v1/experiments/_name/aliases/_alias/predict.js';
import { setAlias } from './v1/experiments/_name/aliases/_alias/set.js';
import { listAliases } from './v1/experiments/_name/aliases/list.js';
import { predictByBest } from './v1/experiments/_name/best/predict.js';
import { getExperimentRecord } from './v1/experiments/_name/record/get.js';
import { importExperimentRecord } from './v1/experiments/_name/record/set.js';
import { listExperiments } from './v1/experiments/list.js';
import { getForecasts } from './v1/forecasts/get.js';
import { deleteForeignRun } from './v1/foreign-runs/_id/delete.js';
import { getForeignRun } from './v1/foreign-runs/_id/get.js';
import { foreignMetric } from './v1/foreign-runs/_id/metrics.js';
import { listForeignRuns } from './v1/foreign-runs/list.js';
import { storeForeignRun } from './v1/foreign-runs/store.js';
import { cancelImport } from './v1/imports/_id/cancel.js';
import { getImport } from './v1/imports/_id/get.js';
import { createImportRoute } from './v1/imports/create.js';
import { listImports } from './v1/imports/list.js';
import { downloadCheckpoint } from './v1/jobs/_id/checkpoints/_ref/download.js';
import { checkpointManifest } from './v1/jobs/_id/checkpoints/_ref/get.js';
import { predictImages } from './v1/jobs/_id/checkpoints/_ref/predict.js';
import { testCheckpoint } from './v1/jobs/_id/checkpoints/_ref/test.js';
import { verifyCheckpoint } from './v1/jobs/_id/checkpoints/_ref/verify.js';
import { listCheckpoints } from './v1/jobs/_id/checkpoints/list.js';
import { controlJob } from './v1/jobs/_id/control.js';
import { deleteJobRoute } from './v1/jobs/_id/delete.js';
import { editJob } from './v1/jobs/_id/edit.js';
import { jobEvents } from './v1/jobs/_id/events/list.js';
import { downloadJobFile } from './v1/jobs/_id/files/download.js';
import { sendJobFile } from './v1/jobs/_id/files/send.js';
import { getJob } from './v1/jobs/_id/get.js';
import { jobLogs } from './v1/jobs/_id/logs/list.js';
import { jobMetrics } from './v1/jobs/_id/metrics/list.js';
import { jobConfusionPicture } from './v1/jobs/_id/pictures/confusion.js';
import { jobCurvesPicture } from './v1/jobs/_id/pictures/curves.js';
import { jobPredictions } from './v1/jobs/_id/predictions/list.js';
import { getJobRecord } from './v1/jobs/_id/record/get.js';
import { importJobRecord } from './v1/jobs/_id/record/set.js';
import { replayJob, replayReport } from './v1/jobs/_id/replay.js';
import { jobResults } from './v1/jobs/_id/results/get.js';
import { bulkJobs } from './v1/jobs/bulk.js';
import { listJobs } from './v1/jobs/list.js';
import { submitJob } from './v1/jobs/submit.js';
import { revokeKey } from './v1/keys/_id/revoke.js';
import { createKey } from './v1/keys/create.js';
import { listKeys } from './v1/keys/list.js';
import { cancelBatchPrediction } from './v1/predictions/_id/cancel.js';
import { deleteBatchPrediction } from './v1/predictions/_id/delete.js';
import { downloadBatchPrediction } from './v1/predictions/_id/download.js';
import { getBatchPrediction } from './v1/predictions/_id/get.js';
import { createBatchPrediction } from './v1/predictions/create.js';
import { listBatchPredictions } from './v1/predictions/list.js';
import { setProject } from './v1/projects/_name/set.js';
import { listProjects } from './v1/projects/list.js';
import { queueDepth } from './v1/queue/get.js';
import { resultsFacets } from './v1/results/facets.js';
import { resultsHistory } from './v1/results/list.js';
import { createSignInCode } from './v1/session/codes/create.js';
import { createSession } from './v1/session/create.js';
import { endSession } from './v1/session/end.js';
import { getSession } from './v1/session/get.js';
import { signIn } from './v1/session/signIn.js';
import { appendToUpload } from './v1/uploads/_id/append.js';
import { deleteUpload } from './v1/uploads/_id/delete.js';
import { getUpload } from './v1/uploads/_id/get.js';
import { createUpload } from './v1/uploads/create.js';
import { uploadOptions } from './v1/uploads/options.js';
import { deleteWebhook } from './v1/webhooks/_id/delete.js';
import { redeliverWebhook } from './v1/webhooks/_id/deliveries/_delivery/redeliver.js';
import { listWebhookDeliveries } from './v1/webhooks/_id/deliveries/list.js';
import { editWebhook } from './v1/webhooks/_id/edit.js';
import { getWebhook } from './v1/webhooks/_id/get.js';
import { rotateWebhook } from './v1/webhooks/_id/rotate.js';
import { testWebhook } from './v1/webhooks/_id/test.js';
import { createWebhook } from './v1/webhooks/create.js';
import { listWebhooks } from './v1/webhooks/list.js';
import { listWorkers } from './v1/workers/list.js';

const all: Route<keyof Dependencies>[] = [
  getRoot,
  dashboard,
  getHealth,
  getReadiness,
  prometheusMetrics,
  openapiDocument,
  submitJob,
  listJobs,
  bulkJobs,
  getJob,
  editJob,
  controlJob,
  replayJob,
  replayReport,
  deleteJobRoute,
  jobEvents,
  jobLogs,
  jobMetrics,
  jobResults,
  jobCurvesPicture,
  jobConfusionPicture,
  comparisonPicture,
  jobPredictions,
  listCheckpoints,
  checkpointManifest,
  downloadCheckpoint,
  testCheckpoint,
  predictImages,
  predictByBest,
  predictByAlias,
  verifyCheckpoint,
  listExperiments,
  listAliases,
  getAlias,
  setAlias,
  deleteAlias,
  downloadAlias,
  getJobRecord,
  importJobRecord,
  downloadJobFile,
  sendJobFile,
  getExperimentRecord,
  importExperimentRecord,
  getForecasts,
  resultsHistory,
  resultsFacets,
  storeForeignRun,
  listForeignRuns,
  getForeignRun,
  foreignMetric,
  deleteForeignRun,
  compareRoute,
  costsRoute,
  listCurves,
  listArchitectures,
  describeArchitecture,
  listDatasets,
  getDataset,
  datasetSamples,
  samplesPicture,
  channelsPicture,
  datasetPredictions,
  imageRuns,
  exportDataset,
  renameDataset,
  deleteDataset,
  uploadDataset,
  uploadOptions,
  createUpload,
  getUpload,
  appendToUpload,
  deleteUpload,
  createImportRoute,
  listImports,
  getImport,
  cancelImport,
  createBatchPrediction,
  listBatchPredictions,
  getBatchPrediction,
  cancelBatchPrediction,
  deleteBatchPrediction,
  downloadBatchPrediction,
  listWorkers,
  queueDepth,
  listProjects,
  setProject,
  createSession,
  getSession,
  endSession,
  createSignInCode,
  signIn,
  createKey,
  listKeys,
  revokeKey,
  createWebhook,
  listWebhooks,
  getWebhook,
  editWebhook,
  deleteWebhook,
  rotateWebhook,
  testWebhook,
  listWebhookDeliveries,
  redeliverWebhook,
  listAudit,
  mlflowApi,
];

/**
 * Registers every route of the service. The folder of a route is the URL of its resource, `_id` being the parameter
 * `:id`; its file is named by the action: `list`, `get`, `submit`, `delete`, or the last segment of a URL that ends
 * in an action (`revoke`, `download`). One file holds one route; `control.ts` holds four that differ by a line of
 * its table. `mlflow/` has the routes of another API in files by resource.
 */
export const routes: FastifyPluginAsync<Dependencies> = async (app, dependencies) => {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  for (const route of all) await typed.register(route, dependencies);
};
