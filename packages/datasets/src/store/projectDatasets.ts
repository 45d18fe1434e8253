import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dataset, projectSchema, SettingError } from '@trainyard/contracts';
import { storageFault } from '@trainyard/process';
import type { PackedDataset } from '../packed/reader.js';
import { compareText } from '../sets/split.js';
import { DatasetStore, type StoreOptions } from './datasetStore.js';
import { RememberedDatasets } from './rememberedDatasets.js';

/** A dataset that a project can use. */
export interface LocatedDataset {
  dataset: Dataset;
  /** Path of the packed file. */
  file: string;
  /** Whether all projects can use it: it was imported on the service's own disk, not over HTTP. */
  shared: boolean;
}

/** The datasets of all projects: those of `<root>`, which all share, and each project's own. */
export class DatasetStores {
  readonly shared: DatasetStore;
  readonly #rememberedShared: RememberedDatasets;
  readonly #projects = new Map<string, ProjectDatasets>();

  constructor(
    readonly root: string,
    private readonly options: StoreOptions = {},
  ) {
    this.shared = new DatasetStore(root, options);
    this.#rememberedShared = new RememberedDatasets(this.shared);
  }

  /** @throws SettingError where the folder cannot be read; one that does not exist yet has no datasets. */
  async check(): Promise<void> {
    try {
      await readdir(this.root);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      const reason = storageFault(error) ?? `it is no folder (${code})`;
      throw new SettingError('TRAINYARD_HOME', `has a folder "datasets" that cannot be read: ${reason}`, {
        cause: error,
      });
    }
  }

  project(name: string): ProjectDatasets {
    const known = this.#projects.get(name);
    if (known !== undefined) return known;
    // The name becomes a folder.
    const folder = join(this.root, '.projects', projectSchema.parse(name));
    const isTaken = async (dataset: string) => (await this.shared.find(dataset)) !== null;
    const own = new DatasetStore(folder, { ...this.options, isTaken });
    const project = new ProjectDatasets(own, this.shared, this.#rememberedShared);
    this.#projects.set(name, project);
    return project;
  }
}

/** What one project can use: its own datasets and the shared ones. A name of its own hides the shared one. */
export class ProjectDatasets {
  readonly #rememberedOwn: RememberedDatasets;

  constructor(
    readonly own: DatasetStore,
    private readonly shared: DatasetStore,
    private readonly rememberedShared: RememberedDatasets,
  ) {
    this.#rememberedOwn = new RememberedDatasets(own);
  }

  /** All versions of all datasets, by name, newest first. Damaged files are left out. */
  async list(): Promise<(Dataset & { shared: boolean })[]> {
    const own = await this.own.list();
    const names = new Set(own.map(({ name }) => name));
    const shared = (await this.shared.list()).filter(({ name }) => !names.has(name));
    const all = [
      ...own.map((dataset) => ({ ...dataset, shared: false })),
      ...shared.map((dataset) => ({ ...dataset, shared: true })),
    ];
    return all.sort((a, b) => compareText(a.name, b.name) || b.version - a.version);
  }

  /** One version, or the newest (version null). @throws InvalidInputError when its file is damaged */
  async find(name: string, version: number | null = null): Promise<Dataset | null> {
    return (await this.locate(name, version))?.dataset ?? null;
  }

  /** @see find */
  async locate(name: string, version: number | null = null): Promise<LocatedDataset | null> {
    const isOwn = (await this.#rememberedOwn.find(name)) !== null;
    const [store, remembered] = isOwn ? [this.own, this.#rememberedOwn] : [this.shared, this.rememberedShared];
    const dataset = await remembered.find(name, version);
    return dataset === null ? null : { dataset, file: store.file(dataset), shared: !isOwn };
  }

  /** To read images and details. */
  async open(name: string, version: number | null = null): Promise<(PackedDataset & { shared: boolean }) | null> {
    const found = await this.locate(name, version);
    if (found === null) return null;
    const packed = await (found.shared ? this.shared : this.own).open(name, found.dataset.version);
    return packed === null ? null : { ...packed, shared: found.shared };
  }
}
