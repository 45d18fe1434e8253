import type { ExperimentRecord, ImportedRecord, JobRecord, RecordedFile } from '@trainyard/contracts';
import { AliasCalls } from './aliases.js';
import { type Download, type DownloadOptions, openDownload } from './download.js';
import { jobPath } from './jobPath.js';
import { type RetryOptions, retrying } from './retry.js';

const recordPath = (experiment: string): string => `v1/experiments/${encodeURIComponent(experiment)}/record`;

/** The calls by which jobs go from one installation to another. Each may be repeated, and is after passing errors. */
export class RecordCalls extends AliasCalls {
  /** Address of the service, without what a URL has of a user. */
  get serviceUrl(): string {
    const { origin, pathname } = this.http.base;
    return origin + pathname.replace(/\/$/, '');
  }

  /** Everything that is stored of a job that has ended. */
  jobRecord(id: string, options: RetryOptions = {}): Promise<JobRecord> {
    return retrying(() => this.http.json(jobPath(id, 'record'), { signal: options.signal }), options);
  }

  /**
   * Imports a job under its id; with the outcome `incomplete`, `missing` has the files to send before. Needs an admin
   * key.
   * @param from where the record comes from, for people
   */
  importJobRecord(record: JobRecord, from: string, options: RetryOptions = {}): Promise<ImportedRecord> {
    const request = { method: 'PUT' as const, body: record, query: { from }, signal: options.signal };
    return retrying(() => this.http.json(jobPath(record.job.id, 'record'), request), options);
  }

  /** Opens a file of a record as it is stored; the caller reads the stream and compares its digest. */
  downloadJobFile(
    id: string,
    { folder, name }: Pick<RecordedFile, 'folder' | 'name'>,
    options: DownloadOptions & RetryOptions = {},
  ): Promise<Download> {
    return retrying(() => openDownload(this.http, jobPath(id, 'files', folder, name), {}, options), options);
  }

  /**
   * Sends a file of a job that is imported next. Needs an admin key.
   * @param path of the file on this machine
   */
  async sendJobFile(
    id: string,
    { folder, name, sha256 }: Pick<RecordedFile, 'folder' | 'name' | 'sha256'>,
    path: string,
    options: RetryOptions = {},
  ): Promise<void> {
    const digest = Buffer.from(sha256, 'hex').toString('base64');
    const headers = { 'content-type': 'application/octet-stream', 'repr-digest': `sha-256=:${digest}:` };
    const { createReadStream, Readable } = await import('./files.js');
    await retrying(async () => {
      const stream = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
      const request = { method: 'PUT' as const, headers, stream, signal: options.signal };
      await this.http.send(jobPath(id, 'files', folder, name), request);
    }, options);
  }

  /** The aliases of an experiment, with all their moves. */
  experimentRecord(name: string, options: RetryOptions = {}): Promise<ExperimentRecord> {
    return retrying(() => this.http.json(recordPath(name), { signal: options.signal }), options);
  }

  /** Imports the aliases of an experiment. Needs an admin key. */
  importExperimentRecord(
    name: string,
    record: ExperimentRecord,
    options: RetryOptions = {},
  ): Promise<ExperimentRecord> {
    const request = { method: 'PUT' as const, body: record, signal: options.signal };
    return retrying(() => this.http.json(recordPath(name), request), options);
  }
}
