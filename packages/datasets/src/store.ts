import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Dataset, datasetNameSchema, InvalidInputError } from '@trainyard/contracts';
import type { ArchiveLimits } from './archives.js';
import { digestSource, planPath, suggestedName } from './detect.js';
import { type DownloadOptions, download } from './download.js';
import { cifar10Downloads } from './importers/cifar10.js';
import type { ImportPlan } from './importers/plan.js';
import { planShapes, shapesVersion } from './importers/shapes.js';
import { withLock } from './lock.js';
import { openPacked, PackedWriter, setPackedVersion, syncFolder } from './packed.js';
import { type OnProgress, throttled } from './progress.js';

export type ImportRequest =
  | { kind: 'shapes' }
  /** `download`: the python archive from its official URL; `download:binary`: the binary one; else a path. */
  | { kind: 'cifar10'; source: string }
  /** A folder or archive of any known kind. `name` null: as the content or the file's name suggest. */
  | { kind: 'archive'; path: string; name?: string | null; size?: [number, number] | null };

export interface StoreOptions {
  limits?: ArchiveLimits;
  /** Other places and sums for CIFAR-10's archives, such as a mirror; and how patient a download is. */
  downloads?: typeof cifar10Downloads;
  patience?: Pick<DownloadOptions, 'retries' | 'stallMs' | 'retryDelayMs'>;
}

/** Raised when an importer reads the same source differently than before, so that it is imported anew. */
const importerVersion = 1;
const abandonedMs = 60 * 60 * 1000;

/** A source before any work on it. */
interface Source {
  /** Null while only the content tells. */
  name: string | null;
  label: string;
  digest: string;
  plan(onProgress: OnProgress): Promise<ImportPlan>;
  /** When the import has succeeded. */
  cleanUp?(): Promise<void>;
}

/**
 * Imported datasets on a disk: `<root>/<name>/<version>.packed`, versions counted from 1. A version never changes
 * once it is there. Content that is there already, under the same name, is not stored again.
 */
export class DatasetStore {
  private readonly root: string;

  constructor(
    root: string,
    private readonly options: StoreOptions = {},
  ) {
    this.root = resolve(root);
  }

  /** All versions of all datasets, by name, newest first. Damaged files are left out. */
  async list(): Promise<Dataset[]> {
    const names = (await readdir(this.root).catch(none)).filter((name) => datasetNameSchema.safeParse(name).success);
    const datasets: Dataset[] = [];
    for (const name of names.sort()) {
      for (const { dataset } of await this.versions(name)) datasets.push(dataset);
    }
    return datasets;
  }

  /** One version, or the newest (version null). Throws InvalidInputError when its file is damaged. */
  async find(name: string, version: number | null = null): Promise<Dataset | null> {
    const numbers = await this.versionNumbers(name);
    const wanted = version ?? numbers[0];
    if (wanted === undefined || !numbers.includes(wanted)) return null;
    return (await openPacked(this.path(name, wanted))).dataset;
  }

  /** Path of the packed file. */
  file(dataset: Pick<Dataset, 'name' | 'version'>): string {
    return this.path(dataset.name, dataset.version);
  }

  /**
   * Imports, or returns the version that is there already: told by the source where that is possible, else by the
   * digest of the content. Any number of processes may import the same at once; one does the work.
   * Throws InvalidInputError (the source) or DownloadError (the network).
   */
  async import(request: ImportRequest, onProgress: OnProgress = () => {}): Promise<Dataset> {
    const report = throttled(onProgress);
    const source = await this.sourceOf(request);
    if (source.name !== null) {
      const name = source.name;
      return this.locked(name, report, () => this.importAs(name, source, () => source.plan(report), report));
    }
    const there = await this.findSource(await this.list(), source.digest);
    if (there !== null) return there;
    const plan = await source.plan(report);
    const name = suggestedName(source.label, plan);
    checkFree(name);
    return this.locked(name, report, () => this.importAs(name, source, async () => plan, report));
  }

  private async importAs(
    name: string,
    source: Source,
    plan: () => Promise<ImportPlan>,
    report: OnProgress,
  ): Promise<Dataset> {
    const there = await this.findSource(
      (await this.versions(name)).map(({ dataset }) => dataset),
      source.digest,
    );
    if (there !== null) return there;
    const { write, ...content } = await plan();
    const temporary = join(this.root, `.import-${randomUUID()}`);
    const writer = await PackedWriter.create(temporary, {
      ...content,
      name,
      version: 1,
      source: source.label,
      sourceDigest: source.digest,
    });
    try {
      await write(writer, report);
      report({ phase: 'finishing', done: 0, total: null });
      await writer.finish();
      const dataset = await this.publish(name, temporary);
      await source.cleanUp?.();
      return dataset;
    } catch (error) {
      await writer.abandon();
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /**
   * Gives a written file the next free version, unless its content is there. `link` fails when the version was taken
   * meanwhile, so two processes that both believe to hold the lock cannot overwrite each other.
   */
  private async publish(name: string, temporary: string): Promise<Dataset> {
    const { digest } = (await openPacked(temporary)).dataset;
    await mkdir(this.folder(name), { recursive: true });
    for (;;) {
      const same = (await this.versions(name)).find(({ dataset }) => dataset.digest === digest);
      if (same !== undefined) return same.dataset;
      const version = ((await this.versionNumbers(name))[0] ?? 0) + 1;
      const dataset = await setPackedVersion(temporary, version);
      try {
        await link(temporary, this.path(name, version));
        await syncFolder(this.folder(name));
        return dataset;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  private async sourceOf(request: ImportRequest): Promise<Source> {
    switch (request.kind) {
      case 'shapes':
        return {
          name: 'shapes',
          label: 'generated',
          digest: `${importerVersion}:shapes:${shapesVersion}`,
          plan: async () => planShapes(),
        };
      case 'cifar10':
        if (request.source === 'download') return this.downloadSource('python');
        if (request.source === 'download:binary') return this.downloadSource('binary');
        return this.pathSource(request.source, 'cifar10', null);
      case 'archive': {
        const name = request.name ?? null;
        if (name !== null) checkFree(name);
        return this.pathSource(request.path, name, request.size ?? null);
      }
    }
  }

  private async pathSource(path: string, name: string | null, size: [number, number] | null): Promise<Source> {
    const suffix = size === null ? '' : `:${size.join('x')}`;
    return {
      name,
      label: basename(resolve(path)),
      digest: `${importerVersion}:${await digestSource(path)}${suffix}`,
      plan: (onProgress) => planPath(path, { size, onProgress, limits: this.options.limits }),
    };
  }

  private downloadSource(format: keyof typeof cifar10Downloads): Source {
    const { url, md5 } = (this.options.downloads ?? cifar10Downloads)[format];
    const file = join(this.root, '.downloads', basename(new URL(url).pathname));
    const { limits, patience } = this.options;
    return {
      name: 'cifar10',
      label: url,
      digest: `${importerVersion}:md5:${md5}`,
      plan: async (onProgress) => {
        await mkdir(dirname(file), { recursive: true });
        await download({ ...patience, url, md5, file, onProgress });
        return planPath(file, { size: null, onProgress, limits });
      },
      cleanUp: () => rm(file, { force: true }),
    };
  }

  private async findSource(datasets: Dataset[], digest: string): Promise<Dataset | null> {
    for (const dataset of datasets) {
      if ((await openPacked(this.file(dataset))).sourceDigest === digest) return dataset;
    }
    return null;
  }

  private async locked<T>(name: string, report: OnProgress, work: () => Promise<T>): Promise<T> {
    await mkdir(this.root, { recursive: true });
    const onWait = () => report({ phase: 'waiting', done: 0, total: null });
    // Beside the dataset's folder, which is there only once an import has succeeded.
    return withLock(join(this.root, `.${datasetName(name)}.lock`), onWait, async () => {
      await this.removeAbandoned();
      return work();
    });
  }

  /** Files of imports whose process died. */
  private async removeAbandoned(): Promise<void> {
    for (const file of (await readdir(this.root)).filter((name) => name.startsWith('.import-'))) {
      const path = join(this.root, file);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs > abandonedMs) await rm(path, { force: true });
    }
  }

  /** Newest first; damaged ones left out. */
  private async versions(name: string): Promise<{ dataset: Dataset }[]> {
    const found: { dataset: Dataset }[] = [];
    for (const version of await this.versionNumbers(name)) {
      const packed = await openPacked(this.path(name, version)).catch((error) => {
        if (error instanceof InvalidInputError) return null;
        throw error;
      });
      if (packed !== null) found.push(packed);
    }
    return found;
  }

  private async versionNumbers(name: string): Promise<number[]> {
    return (await readdir(this.folder(name)).catch(none))
      .flatMap((file) => /^([1-9]\d{0,8})\.packed$/.exec(file)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  }

  private folder(name: string): string {
    return join(this.root, datasetName(name));
  }

  private path(name: string, version: number): string {
    return join(this.folder(name), `${version}.packed`);
  }
}

function datasetName(name: string): string {
  const parsed = datasetNameSchema.safeParse(name);
  if (!parsed.success)
    throw new InvalidInputError(`${JSON.stringify(name)} is no dataset name: ${parsed.error.issues[0]?.message}`);
  return parsed.data;
}

/** A job that asks for the generated set must get it. */
function checkFree(name: string): void {
  if (datasetName(name) === 'shapes') {
    throw new InvalidInputError('The name "shapes" is the generated set’s; choose another (--name)');
  }
}

/** What is not there yet holds nothing, nor does a file that somebody left among the folders. */
function none(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
  throw error;
}
