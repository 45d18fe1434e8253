import { TrainyardError } from '@trainyard/contracts';
import type { DatasetStores } from '@trainyard/datasets';
import type { Database } from '@trainyard/db';
import type { Uploads } from './uploads.js';

/** How many bytes a project may use for its own datasets, its uploads and the results of its predictions. */
export class DatasetQuota {
  /** @param bytes of a project; null: unlimited */
  constructor(
    private readonly bytes: number | null,
    private readonly datasets: Pick<DatasetStores, 'project'>,
    private readonly uploads: Pick<Uploads, 'bytesOf'>,
    private readonly batches: Pick<Database['batches'], 'bytesOf'>,
  ) {}

  /** Bytes that a project may still add; Infinity where it has no limit. */
  async left(project: string): Promise<number> {
    if (this.bytes === null) return Number.POSITIVE_INFINITY;
    const packed = (await this.datasets.project(project).own.list()).reduce((sum, { bytes }) => sum + bytes, 0);
    const others = await Promise.all([this.uploads.bytesOf(project), this.batches.bytesOf(project)]);
    return others.reduce((left, bytes) => left - bytes, this.bytes - packed);
  }

  /** @throws TrainyardError `quota_exceeded` where the project may not add so many bytes */
  async check(project: string, bytes: number): Promise<void> {
    if (bytes > (await this.left(project))) throw this.exceeded();
  }

  exceeded(): TrainyardError {
    return new TrainyardError(
      'quota_exceeded',
      `the datasets, uploads and predictions of this project may have ${this.bytes} bytes together; delete some first`,
    );
  }
}
