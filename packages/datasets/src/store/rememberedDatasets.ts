import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Dataset } from '@trainyard/contracts';
import type { DatasetStore } from './datasetStore.js';

/** A folder that changed less than this long ago may change again without a new modification time. */
const settledMs = 1000;

interface Remembered {
  /** Modification time of the dataset's folder when the dataset was read. */
  modifiedAt: number;
  dataset: Dataset;
}

/**
 * Finds datasets without reading their files again, as long as their folder has not changed: a version never changes
 * once it exists. It returns descriptions only; use the store itself to read images.
 */
export class RememberedDatasets {
  readonly #remembered = new Map<string, Remembered>();

  constructor(private readonly store: Pick<DatasetStore, 'list' | 'find' | 'file'>) {}

  list(): Promise<Dataset[]> {
    return this.store.list();
  }

  async find(name: string, version: number | null = null): Promise<Dataset | null> {
    const key = `${name}/${version ?? 'newest'}`;
    const modifiedAt = this.#modifiedAt(name);
    const remembered = this.#remembered.get(key);
    if (remembered?.modifiedAt === modifiedAt) return remembered.dataset;
    const dataset = await this.store.find(name, version);
    const settled = modifiedAt !== null && Date.now() - modifiedAt > settledMs;
    if (dataset && settled) this.#remembered.set(key, { modifiedAt, dataset });
    else this.#remembered.delete(key);
    return dataset;
  }

  /** When a version was last added to the dataset's folder; null where there is no such folder. */
  #modifiedAt(name: string): number | null {
    // Synchronous, as it takes microseconds; through the thread pool it would take twenty times as long.
    return statSync(dirname(this.store.file({ name, version: 1 })), { throwIfNoEntry: false })?.mtimeMs ?? null;
  }
}
