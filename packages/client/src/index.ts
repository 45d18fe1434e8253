export {
  type HistoryQuery,
  type JobsQuery,
  TrainyardClient,
} from './client.js';
export type { DatasetCalls } from './datasets.js';
export { type CheckpointRef, type Download, type DownloadOptions, FileChangedError } from './download.js';
export { NoServiceError, ProblemError, UnreachableError } from './errors.js';
export type { EventsOptions } from './events.js';
export type { ClientOptions } from './http.js';
export type { RetryOptions } from './retry.js';
export type { SubmitOptions } from './submit.js';
export type { UploadOptions, UploadSource } from './upload.js';
export type { WaitOptions } from './waitFor.js';
export type { WatchOptions } from './watchJobs.js';
