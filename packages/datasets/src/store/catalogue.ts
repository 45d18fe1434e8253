import { mkdir, readdir, rename, truncate } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Dataset, datasetNameSchema, InvalidInputError } from '@trainyard/contracts';
import { linkIfAbsent, syncFolder } from '@trainyard/process';
import { setPackedName } from '../packed/header.js';
import { openPacked, type PackedDataset } from '../packed/reader.js';
import { checkName } from './names.js';

/**
 * The imported datasets on a disk: `<root>/<name>/<version>.packed`, versions counted from 1. A version never changes
 * once it exists.
 */
export class Catalogue {
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** All versions of all datasets, by name, newest first. Damaged files are left out. */
  async list(): Promise<Dataset[]> {
    return (await this.all()).map(({ dataset }) => dataset);
  }

  /** One version, or the newest (version null). @throws InvalidInputError when its file is damaged */
  async find(name: string, version: number | null = null): Promise<Dataset | null> {
    const numbers = await this.versionNumbers(name);
    const number = version ?? numbers[0];
    if (number === undefined || !numbers.includes(number)) return null;
    return (await this.open(name, number)).dataset;
  }

  /** One version, or the newest (version null), to read its images. @throws InvalidInputError when it is damaged */
  async openVersion(name: string, version: number | null): Promise<PackedDataset | null> {
    const found = await this.find(name, version);
    return found === null ? null : this.open(name, found.version);
  }

  /**
   * Removes one version or all (null). The numbers are never used again, since jobs refer to them.
   * @returns the versions that were removed
   */
  async remove(name: string, version: number | null): Promise<number[]> {
    const numbers = (await this.versionNumbers(name)).filter((number) => version === null || number === version);
    for (const number of numbers) {
      const file = this.file({ name, version: number });
      await rename(file, file.replace(/packed$/, 'removed'));
      await truncate(file.replace(/packed$/, 'removed'));
    }
    if (numbers.length > 0) await syncFolder(this.folder(name));
    return numbers;
  }

  /** Gives all versions another name. @returns false where the new name is taken */
  async rename(name: string, newName: string): Promise<boolean> {
    if ((await this.versionNumbers(newName)).length > 0) return false;
    try {
      await rename(this.folder(name), this.folder(newName));
    } catch (error) {
      // Versions of the new name that were removed have left their numbers there.
      if (['ENOTEMPTY', 'EEXIST'].includes(String((error as NodeJS.ErrnoException).code))) return false;
      throw error;
    }
    await syncFolder(this.root);
    return true;
  }

  /** Path of the packed file. */
  file({ name, version }: Pick<Dataset, 'name' | 'version'>): string {
    return join(this.folder(name), `${version}.packed`);
  }

  /**
   * The version that was imported from a source with this digest: of this name, the newest; of any name (null), the one
   * that was imported last.
   */
  async findSource(name: string | null, digest: string): Promise<Dataset | null> {
    const candidates = (name === null ? await this.all() : await this.versions(name))
      .filter(({ sourceDigest }) => sourceDigest === digest)
      .map(({ dataset }) => dataset);
    if (name === null) candidates.sort((a, b) => b.importedAt.localeCompare(a.importedAt));
    return candidates[0] ?? null;
  }

  /** The newest version that can be read, with what is known of its source. */
  async newest(name: string): Promise<PackedDataset | null> {
    return (await this.versions(name))[0] ?? null;
  }

  /**
   * Adds a complete packed file as the next free version, unless there is a version with the same content.
   * @param temporary on the same file system; it may get a second link, and can be removed afterwards
   */
  async publish(name: string, temporary: string): Promise<Dataset> {
    const { digest } = (await openPacked(temporary)).dataset;
    await mkdir(this.folder(name), { recursive: true });
    for (;;) {
      const same = (await this.versions(name)).find(({ dataset }) => dataset.digest === digest);
      if (same !== undefined) return same.dataset;
      const version = (await this.highestNumber(name)) + 1;
      const dataset = await setPackedName(temporary, name, version);
      // `link` fails where another process has taken the version since, even one that wrongly believes to hold the
      // lock.
      if (await linkIfAbsent(temporary, this.file({ name, version }))) {
        await syncFolder(this.folder(name));
        return dataset;
      }
    }
  }

  private async all(): Promise<PackedDataset[]> {
    const names = (await listFolder(this.root)).filter((name) => datasetNameSchema.safeParse(name).success);
    const found: PackedDataset[] = [];
    for (const name of names.sort()) found.push(...(await this.versions(name)));
    return found;
  }

  /** Newest first; damaged ones are left out. */
  private async versions(name: string): Promise<PackedDataset[]> {
    const found: PackedDataset[] = [];
    for (const version of await this.versionNumbers(name)) {
      const packed = await this.open(name, version).catch((error) => {
        if (error instanceof InvalidInputError) return null;
        throw error;
      });
      if (packed !== null) found.push(packed);
    }
    return found;
  }

  /** The name is that of the folder, since a rename does not change the files. */
  private async open(name: string, version: number): Promise<PackedDataset> {
    const packed = await openPacked(this.file({ name, version }));
    packed.dataset.name = name;
    return packed;
  }

  /** Of all versions that ever were; 0 where there were none. */
  private async highestNumber(name: string): Promise<number> {
    const numbers = (await listFolder(this.folder(name))).map((file) =>
      Number(/^([1-9]\d{0,8})\.(?:packed|removed)$/.exec(file)?.[1] ?? 0),
    );
    return Math.max(0, ...numbers);
  }

  /** Newest first. */
  private async versionNumbers(name: string): Promise<number[]> {
    return (await listFolder(this.folder(name)))
      .flatMap((file) => /^([1-9]\d{0,8})\.packed$/.exec(file)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  }

  private folder(name: string): string {
    return join(this.root, checkName(name));
  }
}

/** A missing folder, or a stray file in its place, counts as empty. */
async function listFolder(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}
