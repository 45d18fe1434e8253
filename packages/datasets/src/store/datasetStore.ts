import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConflictError, type Dataset, NotFoundError } from '@trainyard/contracts';
import { FileLock } from '@trainyard/process';
import type { PackedDataset } from '../packed/reader.js';
import { PackedWriter } from '../packed/writer.js';
import { type OnProgress, throttled } from '../progress.js';
import type { SetPlan } from '../sets/plan.js';
import { Catalogue } from './catalogue.js';
import { type ChosenName, chooseName } from './chooseName.js';
import { checkDefaultName, checkFreeName, checkName, nameOfFile } from './names.js';
import { type ImportRequest, type Source, type SourceOptions, sourceOf } from './sources.js';
import { checkSpace, removeAbandoned, unfinishedFile } from './unfinished.js';

export interface StoreOptions extends SourceOptions {
  /** Names that no dataset of this store may get, since another store that its users see has them. */
  isTaken?: (name: string) => Promise<boolean>;
}

/** Runs a change of a dataset while nothing else may begin to use it; throws where something uses it. */
export type Guard = <T>(change: () => Promise<T>) => Promise<T>;

/** One call of `import`. */
interface Run {
  report: OnProgress;
  signal: AbortSignal | undefined;
  /** Bytes that the set may have at most. */
  bytesLeft: number;
}

/** For changes that take no time that is worth a report. */
const unseen: OnProgress = () => {};

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

  /** One version, or the newest (version null), to read its images. @throws InvalidInputError when it is damaged */
  open(name: string, version: number | null = null): Promise<PackedDataset | null> {
    return this.catalogue.openVersion(name, version);
  }

  /**
   * Removes one version or all (version null).
   * @param guard runs the change, or throws where jobs need the dataset
   * @returns the versions that were removed; their numbers are never given to other content
   */
  remove(name: string, version: number | null = null, guard: Guard = (change) => change()): Promise<number[]> {
    return this.locked(name, unseen, () => guard(() => this.catalogue.remove(name, version)));
  }

  /** @throws NotFoundError, InvalidInputError for a reserved name, ConflictError where the new name is taken */
  async rename(name: string, newName: string, guard: Guard = (change) => change()): Promise<Dataset[]> {
    checkFreeName(newName);
    const newest = await this.find(name);
    if (newest === null) throw new NotFoundError(`the dataset ${name}`);
    checkDefaultName(newName, newest);
    // With its own name it would wait for the lock that it holds itself.
    if (newName === name || (await this.isTaken(newName)))
      throw new ConflictError(`the name ${newName} is in use; choose another`);
    const [first, second] = [name, newName].sort() as [string, string];
    // In one order, so that two renames cannot wait for each other.
    return this.locked(first, unseen, () =>
      this.locked(second, unseen, async () => {
        if (!(await guard(() => this.catalogue.rename(name, newName)))) {
          throw new ConflictError(`the name ${newName} is or was in use; choose another`);
        }
        return (await this.list()).filter((dataset) => dataset.name === newName);
      }),
    );
  }

  /** Path of the packed file. */
  file(dataset: Pick<Dataset, 'name' | 'version'>): string {
    return this.catalogue.file(dataset);
  }

  /**
   * Imports, or returns the version that exists already: recognised by the source where that is possible, otherwise by
   * the digest of the content. Any number of processes may import the same at once; one does the work.
   * @param signal stops the import, which then removes what it wrote and throws the signal's reason
   * @param limits `bytesLeft`: bytes that the packed set may have at most
   * @throws InvalidInputError (the source) or DownloadError (the network)
   */
  async import(
    request: ImportRequest,
    onProgress: OnProgress = () => {},
    signal?: AbortSignal,
    { bytesLeft = Number.POSITIVE_INFINITY } = {},
  ): Promise<Dataset> {
    const passOn = throttled(onProgress);
    const run: Run = {
      // What only reads and writes nothing, such as a scan, is stopped here.
      report(progress) {
        signal?.throwIfAborted();
        passOn(progress);
      },
      signal,
      bytesLeft,
    };
    const source = await sourceOf(request, this.catalogue.root, this.options, run.report, signal);
    try {
      return await this.importSource(source, request.kind === 'shapes', run);
    } finally {
      await source.close?.();
    }
  }

  private async importSource(source: Source, isGenerated: boolean, run: Run): Promise<Dataset> {
    const { report } = run;
    const given = source.name;
    if (given !== null) {
      if (!isGenerated) checkFreeName(given);
      if (await this.isTaken(given)) {
        throw new ConflictError(`${given} is a dataset that all projects share; choose another name (--name)`);
      }
      return this.locked(given, report, async () => {
        const existing = await this.findExisting(given, source);
        if (existing !== null) return existing;
        const plan = await source.plan(report);
        return this.write(source, plan, { name: given, notes: [] }, run);
      });
    }
    const existing = await this.findExisting(null, source);
    if (existing !== null) return existing;
    const plan = await source.plan(report);
    return this.importUnnamed(source, plan, run);
  }

  /** Another process may take the name between its choice and its lock; then the next one is chosen. */
  private async importUnnamed(source: Source, plan: SetPlan, run: Run): Promise<Dataset> {
    const suggested = plan.suggestedName ?? nameOfFile(source.label);
    const choose = () =>
      chooseName(
        suggested,
        { ...plan, origin: source.origin },
        {
          newest: (name) => this.catalogue.newest(name),
          isTaken: (name) => this.isTaken(name),
        },
      );
    for (;;) {
      const chosen = await choose();
      const done = await this.locked(chosen.name, run.report, async () => {
        const existing = await this.findExisting(chosen.name, source);
        if (existing !== null) {
          await plan.close?.();
          return existing;
        }
        if ((await choose()).name !== chosen.name) return null;
        return this.write(source, plan, chosen, run);
      });
      if (done !== null) return done;
    }
  }

  private async isTaken(name: string): Promise<boolean> {
    return (await this.options.isTaken?.(name)) ?? false;
  }

  private async findExisting(name: string | null, source: Source): Promise<Dataset | null> {
    if (source.digest === null) return null;
    const existing = await this.catalogue.findSource(name, source.digest);
    return existing === null ? null : this.withVersionNote(existing);
  }

  /** Says so where a version that already existed is not the one that jobs train on. */
  private async withVersionNote(dataset: Dataset): Promise<Dataset> {
    const { name, version, notes } = dataset;
    const newest = (await this.catalogue.newest(name))?.dataset.version ?? version;
    if (newest <= version) return dataset;
    const note =
      `${name} version ${version} has this content already; jobs that name only ${name} train on version ${newest}, ` +
      `the newest: submit with --dataset ${name}@${version} to train on this one.`;
    return { ...dataset, notes: [...notes, note] };
  }

  /** Call it with the lock of the name. */
  private async write(
    source: Source,
    plan: SetPlan,
    { name, notes }: ChosenName,
    { report, signal, bytesLeft }: Run,
  ): Promise<Dataset> {
    const temporary = unfinishedFile(this.catalogue.root, name);
    let writer: PackedWriter | null = null;
    try {
      if (source.isOfficial !== true) checkDefaultName(name, plan);
      signal?.throwIfAborted();
      await checkSpace(this.catalogue.root, plan, bytesLeft);
      const { classes, imageShape, trainImages, validationImages = 0, testImages } = plan;
      writer = await PackedWriter.create(temporary, {
        classes,
        imageShape,
        trainImages,
        validationImages,
        testImages,
        name,
        version: 1,
        source: source.label,
        sourceDigest: source.digest,
        origin: source.origin,
      });
      const written = await plan.write(writer, report, signal);
      report({ phase: 'finishing', done: 0, total: null });
      await writer.finish({ ...written, notes: [...written.notes, ...notes], options: { ...source.options } });
      signal?.throwIfAborted();
      const dataset = await this.catalogue.publish(name, temporary);
      await source.cleanUp?.();
      return this.withVersionNote(dataset);
    } catch (error) {
      await writer?.abandon();
      throw error;
    } finally {
      await plan.close?.();
      await rm(temporary, { force: true });
    }
  }

  private async locked<T>(name: string, report: OnProgress, work: () => Promise<T>): Promise<T> {
    const { root } = this.catalogue;
    await mkdir(root, { recursive: true });
    const onWait = () => report({ phase: 'waiting', done: 0, total: null });
    // Not in the dataset's folder, which only a successful import creates.
    return FileLock.during(join(root, `.${checkName(name)}.lock`), onWait, async () => {
      await removeAbandoned(root, name);
      return work();
    });
  }
}
