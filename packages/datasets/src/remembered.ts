import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Dataset } from '@trainyard/contracts';
import type { DatasetStore } from './store.js';

/** A folder whose time of change is younger than this may change again without its time telling. */
const settledMs = 1000;

type Known = { changed: number; dataset: Dataset };

/**
 * Finds datasets without reading their files again as long as no version has come to their folder: a version never changes
 * once it is there. For who only wants to know what a dataset is like; who reads its images should ask the store.
 */
export class RememberedDatasets {
  readonly #known = new Map<string, Known>();

  constructor(private readonly store: Pick<DatasetStore, 'list' | 'find' | 'file'>) {}

  list(): Promise<Dataset[]> {
    return this.store.list();
  }

  async find(name: string, version: number | null = null): Promise<Dataset | null> {
    const key = `${name}/${version ?? 'newest'}`;
    const changed = this.#changed(name);
    const known = this.#known.get(key);
    if (known?.changed === changed) return known.dataset;
    const dataset = await this.store.find(name, version);
    if (dataset && changed !== null && Date.now() - changed > settledMs) this.#known.set(key, { changed, dataset });
    else this.#known.delete(key);
    return dataset;
  }

  /** When a version last came to the dataset's folder; null: there is no such folder. */
  #changed(name: string): number | null {
    // A look at one folder takes microseconds; through the thread pool it would take twenty times that.
    return statSync(dirname(this.store.file({ name, version: 1 })), { throwIfNoEntry: false })?.mtimeMs ?? null;
  }
}
