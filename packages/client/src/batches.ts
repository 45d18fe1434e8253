import type {
  BatchFormat,
  BatchPrediction,
  ListBatchPredictionsQuery,
  NewBatchPrediction,
  Page,
} from '@trainyard/contracts';
import { type Download, type DownloadOptions, openDownload } from './download.js';
import { allPages } from './pages.js';
import { PredictCalls } from './predict.js';
import { type WaitOptions, waitFor } from './waitFor.js';

/** The calls that classify many images as queued work. */
export class BatchCalls extends PredictCalls {
  /**
   * Has the images of a dataset, or of a complete upload, classified by a checkpoint: see `waitForBatchPrediction` and
   * `downloadBatchPrediction`.
   */
  createBatchPrediction(body: NewBatchPrediction): Promise<BatchPrediction> {
    return this.http.json('v1/predictions', { method: 'POST', body });
  }

  batchPrediction(id: string): Promise<BatchPrediction> {
    return this.http.json(batchPath(id));
  }

  /** A page of them, newest first. */
  batchPredictions(query: Partial<ListBatchPredictionsQuery> = {}): Promise<Page<BatchPrediction>> {
    return this.http.json('v1/predictions', { query });
  }

  /** All of them, page after page. */
  allBatchPredictions(query: Partial<ListBatchPredictionsQuery> = {}): AsyncGenerator<BatchPrediction> {
    return allPages(query, (page) => this.batchPredictions(page));
  }

  /** May be repeated. @throws ProblemError `conflict` where it has succeeded or failed. */
  cancelBatchPrediction(id: string): Promise<BatchPrediction> {
    return this.http.json(batchPath(id, 'cancel'), { method: 'POST' });
  }

  /** With its results. @throws ProblemError `conflict` where it is not over. */
  async deleteBatchPrediction(id: string): Promise<void> {
    await this.http.send(batchPath(id), { method: 'DELETE' });
  }

  /** Resolves when it is over, whatever its state is then; survives restarts of the service. */
  waitForBatchPrediction(id: string, options: WaitOptions<BatchPrediction> = {}): Promise<BatchPrediction> {
    return waitFor(() => this.batchPrediction(id), options);
  }

  /** Opens the table of the results; the caller reads the stream and compares its digest. */
  downloadBatchPrediction(
    id: string,
    format: BatchFormat = 'csv',
    options: Pick<DownloadOptions, 'signal' | 'giveUpAfterSeconds'> = {},
  ): Promise<Download> {
    return openDownload(this.http, batchPath(id, 'download'), { format }, options);
  }
}

const batchPath = (id: string, ...rest: string[]): string =>
  ['v1/predictions', ...[id, ...rest].map(encodeURIComponent)].join('/');
