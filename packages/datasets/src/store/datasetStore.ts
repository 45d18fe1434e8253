import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '@trainyard/contracts';
import { FileLock } from '@trainyard/process';
import type { ImportPlan } from '../importers/importer.js';
import { PackedWriter } from '../packed/writer.js';
import { type OnProgress, throttled } from '../progress.js';
import { Catalogue } from './catalogue.js';
import { checkFreeName, checkName, nameOfFile } from './names.js';
import { type ImportRequest, type Source, type SourceOptions, sourceOf } from './sources.js';

export type StoreOptions = SourceOptions;

/** Unfinished imports that were not written to for so long belong to a dead process. */
const abandonedMs = 60 * 60 * 1000;

/** The imported datasets on a disk, and the import of more. The same content under the same name is stored once. */
export class DatasetStore {
  private readonly catalogue: Catalogue;

  constructor(
    root: string,
    private readonly options: StoreOptions = {},
  ) {
    this.catalogue = new Catalogue(root);
  }

  /** All versions of all datasets, by name, newest first. Damaged files are left out. */
  list(): Promise<Dataset[]> {
    return this.catalogue.list();
  }

  /** One version, or the newest (version null). @throws InvalidInputError when its file is damaged */
  find(name: string, version: number | null = null): Promise<Dataset | null> {
    return this.catalogue.find(name, version);
  }

  /** Path of the packed file. */
  file(dataset: Pick<Dataset, 'name' | 'version'>): string {
    return this.catalogue.file(dataset);
  }

  /**
   * Imports, or returns the version that exists already: recognised by the source where that is possible, otherwise by
   * the digest of the content. Any number of processes may import the same at once; one does the work.
   * @throws InvalidInputError (the source) or DownloadError (the network)
   */
  async import(request: ImportRequest, onProgress: OnProgress = () => {}): Promise<Dataset> {
    const report = throttled(onProgress);
    const source = await sourceOf(request, this.catalogue.root, this.options);
    if (source.name !== null) {
      const name = source.name;
      return this.locked(name, report, () => this.importAs(name, source, () => source.plan(report), report));
    }
    const existing = await this.catalogue.findSource(null, source.digest);
    if (existing !== null) return existing;
    const plan = await source.plan(report);
    const name = plan.suggestedName ?? nameOfFile(source.label);
    checkFreeName(name);
    return this.locked(name, report, () => this.importAs(name, source, async () => plan, report));
  }

  /** Call it with the lock of `name`. */
  private async importAs(
    name: string,
    source: Source,
    plan: () => Promise<ImportPlan>,
    report: OnProgress,
  ): Promise<Dataset> {
    const existing = await this.catalogue.findSource(name, source.digest);
    if (existing !== null) return existing;
    const { classes, imageShape, trainImages, testImages, write } = await plan();
    const temporary = join(this.catalogue.root, `.import-${randomUUID()}`);
    const writer = await PackedWriter.create(temporary, {
      classes,
      imageShape,
      trainImages,
      testImages,
      name,
      version: 1,
      source: source.label,
      sourceDigest: source.digest,
    });
    try {
      await write(writer, report);
      report({ phase: 'finishing', done: 0, total: null });
      await writer.finish();
      const dataset = await this.catalogue.publish(name, temporary);
      await source.cleanUp?.();
      return dataset;
    } catch (error) {
      await writer.abandon();
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  private async locked<T>(name: string, report: OnProgress, work: () => Promise<T>): Promise<T> {
    const { root } = this.catalogue;
    await mkdir(root, { recursive: true });
    const onWait = () => report({ phase: 'waiting', done: 0, total: null });
    // Not in the dataset's folder, which only a successful import creates.
    return FileLock.during(join(root, `.${checkName(name)}.lock`), onWait, async () => {
      await this.removeAbandoned();
      return work();
    });
  }

  /** Removes the unfinished files of imports whose process died. */
  private async removeAbandoned(): Promise<void> {
    const { root } = this.catalogue;
    for (const file of (await readdir(root)).filter((name) => name.startsWith('.import-'))) {
      const path = join(root, file);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs > abandonedMs) await rm(path, { force: true });
    }
  }
}
