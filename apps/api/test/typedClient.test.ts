import { TrainyardClient } from '@trainyard/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Service, startService } from './support/service.js';

const id = 'job_00000000000000000000000000';
const other = id.replace('job', 'imp');
const file = { folder: '1-1-0', name: 'weights.bin' } as const;
const spec = { architecture: 'lenet' } as const;
const foreignRun = {
  source: 'mlflow',
  server: 'http://mlflow.example.com',
  experiment: 'vision',
  runId: '1',
  state: 'succeeded',
  startedAt: '2026-05-31T10:00:00Z',
  finishedAt: '2026-05-31T10:20:00Z',
} as const;

/** How the typed client sends each operation of the OpenAPI document. */
const calls: Record<string, (client: TrainyardClient) => unknown> = {
  submitJob: (client) => client.submit(spec),
  listJobs: (client) => client.jobs(),
  getJob: (client) => client.job(id),
  editJob: (client) => client.edit(id, { name: 'night' }),
  deleteJob: (client) => client.delete(id),
  bulkJobs: (client) => client.bulk({ action: 'cancel', filter: 'state = queued' }),
  cancelJob: (client) => client.cancel(id),
  pauseJob: (client) => client.pause(id),
  resumeJob: (client) => client.resume(id),
  retryJob: (client) => client.retry(id),
  replayJob: (client) => client.replay(id),
  getReplay: (client) => client.replayReport(id),
  getJobRecord: (client) => client.jobRecord(id),
  importJobRecord: (client) => client.importJobRecord({ job: { id } } as never, 'https://old.example'),
  downloadJobFile: (client) => client.downloadJobFile(id, file),
  sendJobFile: (client) => client.sendJobFile(id, { ...file, sha256: 'ab' }, 'package.json'),
  getExperimentRecord: (client) => client.experimentRecord('night'),
  importExperimentRecord: (client) => client.importExperimentRecord('night', { version: 1, aliases: [], moves: [] }),
  listExperiments: (client) => client.experiments(),
  listAliases: (client) => client.aliases('night'),
  getAlias: (client) => client.alias('night', 'champion'),
  setAlias: (client) => client.setAlias('night', 'champion', { jobId: id }),
  deleteAlias: (client) => client.deleteAlias('night', 'champion'),
  downloadAlias: (client) => client.downloadAlias('night', 'champion'),
  listProjects: (client) => client.projects(),
  setProject: (client) => client.setProject('default', { weight: 2 }),
  listJobPredictions: (client) => client.predictions(id),
  listDatasetPredictions: (client) => client.datasetPredictions('pets'),
  listImageRuns: (client) => client.imageRuns('pets', 7),
  listJobEvents: (client) => client.events(id),
  listJobLogs: (client) => client.logs(id),
  getJobMetrics: (client) => client.metrics(id),
  getJobResults: (client) => client.results(id),
  getJobCurvesPicture: (client) => client.curvesPicture(id),
  getJobConfusionPicture: (client) => client.confusionPicture(id),
  getComparisonPicture: (client) => client.comparisonPicture([id, id.replace(/0$/, '1')]),
  listCheckpoints: (client) => client.checkpoints(id),
  getCheckpoint: (client) => client.checkpoint(id, 'best'),
  testCheckpoint: (client) => client.testCheckpoint(id, 'best'),
  predictByBest: (client) => client.predictByBest('night', [{ name: 'cat.png', content: new Blob(['cat']) }]),
  predictByAlias: (client) =>
    client.predictByAlias('night', 'champion', [{ name: 'cat.png', content: new Blob(['cat']) }]),
  predictImages: (client) => client.predict(id, 'best', [{ name: 'cat.png', content: new Blob(['cat']) }]),
  verifyCheckpoint: (client) => client.verifyCheckpoint(id, 'best'),
  downloadCheckpoint: (client) => client.download(id, 'best'),
  listResults: (client) => client.history(),
  storeForeignRun: (client) => client.storeForeignRun(foreignRun),
  listForeignRuns: (client) => client.foreignRuns(),
  getForeignRun: (client) => client.foreignRun(other),
  getForeignMetric: (client) => client.foreignMetric(other, 'loss'),
  deleteForeignRun: (client) => client.deleteForeignRun(other),
  countResults: (client) => client.facets('architecture'),
  compareJobs: (client) => client.compare([id, id.replace(/0$/, '1')]),
  listCurves: (client) => client.curves([id]),
  rankByCost: (client) =>
    client.rankByCost({
      jobs: [id],
      costs: [
        [0, 1],
        [1, 0],
      ],
    }),
  listArchitectures: (client) => client.architectures(),
  describeArchitecture: (client) => client.describe({ layers: [{ type: 'flatten' }] }),
  listWorkers: (client) => client.workers(),
  getQueue: (client) => client.queue(),
  getForecasts: (client) => client.forecasts(),
  createSession: (client) => client.createSession(),
  getSession: (client) => client.session(),
  endSession: (client) => client.endSession(),
  createSignInCode: (client) => client.createSignInCode(),
  signIn: (client) => client.signIn('code'),
  createKey: (client) => client.createKey({ name: 'me', role: 'reader' }),
  listKeys: (client) => client.keys(),
  revokeKey: (client) => client.revokeKey(id),
  createWebhook: (client) => client.createWebhook({ url: 'https://hooks.example.com/' }),
  listWebhooks: (client) => client.webhooks(),
  getWebhook: (client) => client.webhook(id),
  editWebhook: (client) => client.editWebhook(id, { enabled: false }),
  deleteWebhook: (client) => client.deleteWebhook(id),
  rotateWebhook: (client) => client.rotateWebhook(id),
  testWebhook: (client) => client.testWebhook(id),
  listWebhookDeliveries: (client) => client.webhookDeliveries(id),
  redeliverWebhook: (client) => client.redeliverWebhook(id, other),
  listAudit: (client) => client.audit(),
  getReadiness: (client) => client.health(),
  listDatasets: (client) => client.datasets(),
  getDataset: (client) => client.dataset('pets'),
  getDatasetSamples: (client) => client.datasetSamples('pets'),
  getSamplesPicture: (client) => client.samplesPicture('pets'),
  getChannelsPicture: (client) => client.channelsPicture('pets', 7),
  exportDataset: (client) => client.exportDataset('pets'),
  deleteDataset: (client) => client.deleteDataset('pets'),
  renameDataset: (client) => client.renameDataset('pets', 'cats'),
  createUpload: (client) => client.upload(new Blob(['pets'])),
  deleteUpload: (client) => client.deleteUpload(other),
  createImport: (client) => client.createImport({ url: 'https://data.example.com/pets.zip' }),
  getImport: (client) => client.import(other),
  listImports: (client) => client.imports(),
  createBatchPrediction: (client) => client.createBatchPrediction({ jobId: id, dataset: 'pets' }),
  listBatchPredictions: (client) => client.batchPredictions(),
  getBatchPrediction: (client) => client.batchPrediction(other),
  cancelBatchPrediction: (client) => client.cancelBatchPrediction(other),
  deleteBatchPrediction: (client) => client.deleteBatchPrediction(other),
  downloadBatchPrediction: (client) => client.downloadBatchPrediction(other),
  cancelImport: (client) => client.cancelImport(other),
};

/** Operations that the client has no call of its own for, and why. */
const exceptions: Record<string, string> = {
  getHealth: 'for supervisors; `health` says more',
  getPrometheusMetrics: 'for Prometheus',
  getUploadOptions: 'for clients of the tus protocol, which do not know this service',
  getUpload: '`upload` sends it when it goes on',
  appendToUpload: '`upload` sends it after the first request',
  uploadDataset: 'the form of browsers and curl; `upload` and `createImport` can be resumed',
};

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/** Every operation of the document by its id: its method, and a pattern of its paths. */
function operations(): Map<string, { method: string; path: RegExp }> {
  const { paths = {} } = service.app.swagger();
  const all = Object.entries(paths).flatMap(([template, item]) =>
    Object.entries(item as Record<string, { operationId?: string }>).map(([method, { operationId = '' }]) => {
      const path = new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`);
      return [operationId, { method: method.toUpperCase(), path }] as const;
    }),
  );
  return new Map(all);
}

/** The first request of a call; what the call makes of the answer does not matter. */
async function firstRequest(call: (client: TrainyardClient) => unknown): Promise<{ method: string; path: string }> {
  const requests: { method: string; path: string }[] = [];
  const record: typeof fetch = async (input, init) => {
    const request = new Request(input, { ...init, body: null });
    requests.push({ method: request.method, path: new URL(request.url).pathname });
    return Response.json({ code: 'conflict', status: 409, title: 'recorded', type: 'about:blank' }, { status: 409 });
  };
  const client = new TrainyardClient({ baseUrl: 'http://127.0.0.1:9', apiKey: 'secret', fetch: record });
  const result = call(client);
  await (isGenerator(result) ? result.next() : Promise.resolve(result)).catch(() => undefined);
  const [first] = requests;
  if (!first) throw new Error('the call sent no request');
  return first;
}

const isGenerator = (value: unknown): value is AsyncGenerator =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

it('the typed client has a call for every operation, or the exception is named with its reason', () => {
  expect([...Object.keys(calls), ...Object.keys(exceptions)].sort()).toEqual([...operations().keys()].sort());
});

it.each(Object.keys(calls))('the call for %s sends it', async (operation) => {
  const call = calls[operation];
  const { method, path } = await firstRequest(call ?? (() => undefined));
  expect(method).toBe(operations().get(operation)?.method);
  expect(path).toMatch(operations().get(operation)?.path ?? /never/);
});
