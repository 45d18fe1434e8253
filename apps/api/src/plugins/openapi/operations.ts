import type { Json } from './portable.js';

/*
 * What zod schemas of routes do not say of an operation: the statuses that it answers with besides its success, and the
 * headers of requests and answers. `http.ts` adds it to the document; tests compare every answer with it.
 */

type Header = { description: string; schema: Json };

const text: Json = { type: 'string' };
const integer: Json = { type: 'integer', format: 'int64' };

export const headers: Record<string, Header> = {
  'x-request-id': { description: 'Id of the request, which log lines have too', schema: text },
  location: { description: 'URL of what was created', schema: text },
  etag: { description: 'Version of the answer, for If-None-Match, If-Match or If-Range', schema: text },
  'retry-after': { description: 'Seconds after which to ask again', schema: integer },
  'ratelimit-limit': { description: 'Requests a minute that are allowed; without a limit absent', schema: integer },
  'ratelimit-remaining': { description: 'Requests that are left of these', schema: integer },
  'ratelimit-reset': { description: 'Seconds until they are counted from 0 again', schema: integer },
  'idempotency-replayed': {
    description: 'true: an earlier request with this Idempotency-Key had created the job',
    schema: { type: 'string', enum: ['true'] },
  },
  'accept-ranges': { description: 'bytes: parts can be requested by Range', schema: text },
  'content-range': { description: 'Which bytes these are, of how many', schema: text },
  'content-length': { description: 'Bytes of the body', schema: integer },
  'content-disposition': { description: 'File name to save the body as', schema: text },
  'content-location': { description: 'URL of the same file by its job and epoch', schema: text },
  'trainyard-verified': {
    description: 'Whether a program that is not Trainyard’s has read these bytes and reproduced the stored accuracy',
    schema: { type: 'string', enum: ['true', 'false'] },
  },
  'repr-digest': { description: 'SHA-256 of the whole file (RFC 9530)', schema: text },
  'www-authenticate': { description: 'How to send the key', schema: text },
  'tus-resumable': { description: 'Version of the protocol tus', schema: text },
  'tus-version': { description: 'Versions of the protocol tus that the service knows', schema: text },
  'tus-extension': { description: 'Extensions of the protocol tus that the service has', schema: text },
  'upload-offset': { description: 'Bytes that have arrived', schema: integer },
  'upload-length': { description: 'Bytes of the whole file', schema: integer },
  'upload-expires': { description: 'When the upload is removed if it is not continued', schema: text },
};

export interface Operation {
  /** Statuses of problems, besides those of every operation. */
  problems?: number[];
  /** Statuses without a body of their own. */
  statuses?: Record<number, string>;
  /** Headers of the success. */
  headers?: string[];
  /** Media type of a body of bytes, which no zod schema describes. */
  body?: { mediaType: string; required: boolean };
  /** Name of the files of a form that is taken in place of the bytes. */
  form?: string;
  /** Whether the body that a zod schema describes can be left out. */
  optionalBody?: boolean;
  /** Request headers that no zod schema of the route has. */
  requestHeaders?: Record<string, string>;
}

/** Of every response, where the key or the address has a limit. */
export const rateLimitHeaders = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'];

const tusMediaType = 'application/offset+octet-stream';
const tus = ['tus-resumable', 'upload-offset', 'upload-length', 'upload-expires'];
/** Of a picture, which is 304 where the client has it. */
const picture: Operation = {
  problems: [400, 404],
  statuses: { 304: 'Not changed since the version of If-None-Match' },
  headers: ['etag'],
  requestHeaders: { 'if-none-match': 'ETag of an earlier answer' },
};
const file = ['etag', 'accept-ranges', 'content-length', 'content-disposition', 'repr-digest'];
const model = [...file, 'trainyard-verified'];

const download: Operation = {
  // 409: not in this format, as its preset has other layers by now.
  problems: [400, 404, 409, 416],
  statuses: { 304: 'Not changed since the version of If-None-Match' },
  headers: model,
  requestHeaders: {
    range: 'Part of the file: bytes=first-last',
    'if-range': 'ETag: the part only where the file is still this one, else the whole file',
    'if-none-match': 'ETag of an earlier answer',
  },
};

const predict: Operation = {
  problems: [400, 404, 413],
  body: { mediaType: 'application/octet-stream', required: true },
  form: 'images',
};

/** By operationId. Every operation also answers 429, 431, 500 and 503, and 401 where it needs a key. */
export const operations: Record<string, Operation> = {
  getHealth: {},
  getReadiness: {},
  getPrometheusMetrics: { problems: [403] },
  submitJob: { problems: [400, 403, 409, 413, 415, 422], headers: ['location', 'idempotency-replayed'] },
  listExperiments: { problems: [400] },
  listAliases: { problems: [400] },
  getAlias: { problems: [400, 404] },
  setAlias: { problems: [400, 403, 404, 409, 413, 415] },
  deleteAlias: { problems: [400, 403, 404, 415] },
  downloadAlias: {
    ...download,
    headers: [...(download.headers ?? []), 'content-location'],
  },
  getJobRecord: { problems: [400, 404, 409] },
  importJobRecord: { problems: [400, 403, 409, 413, 415] },
  downloadJobFile: { ...download, headers: file },
  sendJobFile: {
    problems: [400, 403, 409, 413, 415],
    body: { mediaType: 'application/octet-stream', required: true },
  },
  getExperimentRecord: { problems: [400] },
  importExperimentRecord: { problems: [400, 403, 409, 413, 415] },
  getForecasts: {},
  listJobs: { problems: [400] },
  bulkJobs: { problems: [400, 403, 413, 415] },
  getJob: {
    problems: [400, 404],
    statuses: { 304: 'Not changed since the version of If-None-Match' },
    headers: ['etag', 'retry-after'],
    requestHeaders: { 'if-none-match': 'ETag of an earlier answer' },
  },
  editJob: {
    problems: [400, 403, 404, 412, 413, 415],
    headers: ['etag', 'retry-after'],
    requestHeaders: { 'if-match': 'ETag of an earlier answer: change the job only where it still has this version' },
  },
  replayJob: { optionalBody: true, problems: [400, 403, 404, 409, 413, 415, 422], headers: ['location'] },
  getReplay: { problems: [400, 404] },
  cancelJob: { problems: [400, 403, 404, 409, 415] },
  pauseJob: { problems: [400, 403, 404, 409, 415] },
  resumeJob: { problems: [400, 403, 404, 409, 415] },
  retryJob: { problems: [400, 403, 404, 409, 415] },
  deleteJob: { problems: [400, 403, 404, 409, 415] },
  listJobEvents: {
    problems: [400, 404],
    statuses: { 204: 'Stream: the job has ended, and nothing follows' },
  },
  listJobLogs: {
    problems: [400, 404],
    statuses: { 204: 'Stream: the job has ended, and nothing follows' },
  },
  getJobMetrics: { problems: [400, 404] },
  getJobResults: { problems: [400, 404] },
  listJobPredictions: { problems: [400, 404] },
  getJobCurvesPicture: picture,
  getJobConfusionPicture: picture,
  getComparisonPicture: picture,
  listCheckpoints: { problems: [400, 404] },
  getCheckpoint: { problems: [400, 404] },
  testCheckpoint: {
    optionalBody: true,
    problems: [400, 403, 404, 409, 413, 415, 422],
    headers: ['location', 'idempotency-replayed'],
  },
  predictImages: predict,
  predictByBest: predict,
  predictByAlias: { ...predict, problems: [400, 404, 409, 413] },
  verifyCheckpoint: { optionalBody: true, problems: [400, 403, 404, 409, 413, 415], headers: ['location'] },
  downloadCheckpoint: download,
  listResults: { problems: [400] },
  countResults: { problems: [400] },
  storeForeignRun: { problems: [400, 403, 413, 415] },
  listForeignRuns: { problems: [400] },
  getForeignRun: { problems: [400, 404] },
  getForeignMetric: { problems: [400, 404] },
  deleteForeignRun: { problems: [400, 403, 404, 415] },
  compareJobs: { problems: [400, 404] },
  listCurves: { problems: [400, 404] },
  rankByCost: { problems: [400, 404, 413, 415] },
  listArchitectures: {},
  describeArchitecture: { problems: [400, 413, 415, 422] },
  listDatasets: { problems: [400] },
  getDataset: { problems: [400, 404] },
  getDatasetSamples: { problems: [400, 404] },
  getSamplesPicture: picture,
  getChannelsPicture: picture,
  listDatasetPredictions: { problems: [400, 404] },
  listImageRuns: { problems: [400, 404] },
  exportDataset: { problems: [400, 404], headers: ['content-disposition'] },
  renameDataset: { problems: [400, 403, 404, 409, 413, 415] },
  deleteDataset: { problems: [400, 403, 404, 409, 415] },
  uploadDataset: { problems: [400, 403, 409, 413, 415, 422], headers: ['location'] },
  getUploadOptions: { headers: ['tus-resumable', 'tus-version', 'tus-extension'] },
  createUpload: {
    problems: [400, 403, 409, 413, 415],
    headers: ['location', ...tus],
    body: { mediaType: tusMediaType, required: false },
  },
  getUpload: { problems: [400, 403, 404, 409], headers: tus },
  appendToUpload: {
    problems: [400, 403, 404, 409, 413, 415],
    headers: tus,
    body: { mediaType: tusMediaType, required: true },
  },
  deleteUpload: { problems: [400, 403, 404, 409, 415], headers: ['tus-resumable'] },
  createImport: { problems: [400, 403, 404, 409, 413, 415, 422], headers: ['location'] },
  listImports: { problems: [400] },
  getImport: { problems: [400, 404] },
  cancelImport: { problems: [400, 403, 404, 409, 415] },
  createBatchPrediction: { problems: [400, 403, 404, 409, 413, 415], headers: ['location'] },
  listBatchPredictions: { problems: [400] },
  getBatchPrediction: { problems: [400, 404] },
  cancelBatchPrediction: { problems: [400, 403, 404, 409, 415] },
  deleteBatchPrediction: { problems: [400, 403, 404, 409, 415] },
  downloadBatchPrediction: { ...download, headers: file },
  listWorkers: {},
  getQueue: {},
  listProjects: { problems: [403] },
  setProject: { problems: [400, 403, 413, 415] },
  createWebhook: { problems: [400, 403, 409, 413, 415], headers: ['location'] },
  listWebhooks: { problems: [403] },
  getWebhook: { problems: [400, 403, 404] },
  editWebhook: { problems: [400, 403, 404, 413, 415] },
  deleteWebhook: { problems: [400, 403, 404, 415] },
  rotateWebhook: { problems: [400, 403, 404, 415] },
  testWebhook: { problems: [400, 403, 404, 409, 415] },
  listWebhookDeliveries: { problems: [400, 403, 404] },
  redeliverWebhook: { problems: [400, 403, 404, 409, 415] },
  createSession: { problems: [415] },
  getSession: {},
  endSession: { problems: [415] },
  createSignInCode: { problems: [415] },
  signIn: { problems: [400, 401, 413, 415] },
  createKey: { problems: [400, 403, 409, 413, 415] },
  listKeys: { problems: [400, 403] },
  revokeKey: { problems: [400, 403, 404, 409, 415] },
  listAudit: { problems: [400, 403] },
};
