import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { copyFile, link, mkdir, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { type ExportChoice, InvalidInputError, SettingError } from '@trainyard/contracts';
import type { TrainedModel } from '@trainyard/formats';
import { storageFault, syncFolder } from '@trainyard/process';
import { openCheckpoint, readManifest } from './checkpoint.js';
import { type ExportedFile, exportCheckpoint } from './exports.js';
import { assertIntact, checkpointFileNames } from './intact.js';
import { uploadedFile } from './uploadedWeights.js';

/** A part of a key: no separators and no leading dot, so that it is neither `..` nor a hidden name. */
const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** More than file systems keep in the entry of the folder itself. */
const checkBytes = Buffer.alloc(8192);

/** The folder of the weights that a job starts from, beside its checkpoints. */
const initial = 'initial';
const weightFiles = new Set(['manifest.json', 'model.json', 'weights.bin', uploadedFile]);

/** Part of the names of checkpoints that were set aside. */
const damaged = '.damaged-';

/**
 * Checkpoint folders on a disk that API and workers share, by key (`jobs/<job>/<attempt>-<epoch>-<step>`). Trainers
 * write below `staging/`, on the same file system, and `commit` moves a finished folder to its key by one rename: a key
 * has a complete checkpoint or none.
 */
export class DiskArtifactStore {
  private readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /**
   * Creates the root, and writes a small file there: neither permissions nor free bytes alone show that this works.
   * @throws SettingError with the reason when the store is not writable.
   */
  async check(): Promise<void> {
    const file = join(this.root, `.check-${hostname()}-${process.pid}`);
    try {
      await makeFolder(this.root);
      await writeFile(file, checkBytes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const reason = storageFault(error) ?? `it does not exist or is no folder (${code})`;
      throw new SettingError('ARTIFACTS_URL', `(or its default) leads to a folder that cannot be written: ${reason}`, {
        cause: error,
      });
    } finally {
      await rm(file, { force: true }).catch(() => {});
    }
  }

  /** A new, empty folder for the checkpoints of one attempt. */
  async newStagingFolder(jobId: string, attempt: number): Promise<string> {
    const folder = join(this.stagingOf(jobId), `${attempt}-${randomBytes(6).toString('hex')}`);
    await makeFolder(folder);
    return folder;
  }

  /** Removes a staging folder, and the job's own if no other attempt has one. */
  async removeStagingFolder(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    await rmdir(dirname(folder)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT') throw error;
    });
  }

  /** Moves a finished checkpoint to `key`. @throws Error when the key has a checkpoint already. */
  async commit(stagedFolder: string, key: string): Promise<void> {
    const staged = resolve(stagedFolder);
    if (!staged.startsWith(join(this.root, 'staging') + sep)) {
      throw new InvalidInputError(`${stagedFolder} is not below the staging folder of the artifact store`);
    }
    const folder = this.folder(key);
    await this.createFolder(dirname(folder));
    await rename(staged, folder);
    await syncFolder(dirname(folder));
    await syncFolder(dirname(staged));
  }

  /** Path of the folder of a key. @throws InvalidInputError when the path could be outside the store. */
  folder(key: string): string {
    const parts = key.split('/');
    if (parts[0] !== 'jobs' || parts.length < 2 || !parts.every((part) => segment.test(part))) {
      throw new InvalidInputError(`"${key}" is not a key of the artifact store`);
    }
    return join(this.root, ...parts);
  }

  /** Key of the weights that a job starts from. */
  initialKey(jobId: string): string {
    return `jobs/${jobId}/${initial}`;
  }

  /**
   * Gives a job weights to start from: those of a checkpoint, or those that another job starts from. They stay when the
   * other is deleted. Where the file system can, both are the same bytes of the disk.
   * @throws Error with the code ENOENT where the other has no files (any more).
   */
  async keepInitialWeights(fromKey: string, jobId: string): Promise<void> {
    const from = this.folder(fromKey);
    const names = (await readdir(from)).filter((name) => weightFiles.has(name));
    await this.#keep(jobId, new Map(names.map((name) => [name, join(from, name)])));
  }

  /** As `keepInitialWeights`, of a file that was uploaded. */
  async keepUploadedWeights(file: string, jobId: string): Promise<void> {
    await this.#keep(jobId, new Map([[uploadedFile, file]]));
  }

  async #keep(jobId: string, files: ReadonlyMap<string, string>): Promise<void> {
    const folder = this.folder(this.initialKey(jobId));
    await this.createFolder(folder);
    for (const [name, file] of files) await linkOrCopy(file, join(folder, name));
    await syncFolder(folder);
  }

  /** Keys of the stored checkpoints of a job, without those that were set aside. */
  async keys(jobId: string): Promise<string[]> {
    const prefix = `jobs/${jobId}`;
    const names = await namesIn(this.folder(prefix));
    return names.filter((name) => name !== initial && !name.includes(damaged)).map((name) => `${prefix}/${name}`);
  }

  /** Ids of the jobs that have stored checkpoints, and of those that have a staging folder. */
  async jobs(): Promise<{ stored: string[]; staged: string[] }> {
    const [stored, staged] = await Promise.all(['jobs', 'staging'].map((name) => namesIn(join(this.root, name))));
    return { stored: stored ?? [], staged: staged ?? [] };
  }

  /** Milliseconds since an entry was last added to the folder of a key; Infinity where there is no folder. */
  async age(key: string): Promise<number> {
    return ageOf(this.folder(key));
  }

  /** As `age`, of the staging folders of a job. */
  async stagingAge(jobId: string): Promise<number> {
    const folder = this.stagingOf(jobId);
    const attempts = await namesIn(folder);
    return Math.min(...(await Promise.all([folder, ...attempts.map((name) => join(folder, name))].map(ageOf))));
  }

  /** Removes a checkpoint and its exports; does nothing when there is none. */
  async remove(key: string): Promise<void> {
    await rm(this.folder(key), { recursive: true, force: true });
  }

  /** Removes all files of a job. @returns whether there were any. */
  async removeJob(jobId: string): Promise<boolean> {
    const existed = (await this.age(`jobs/${jobId}`)) < Infinity || (await this.stagingAge(jobId)) < Infinity;
    await this.remove(`jobs/${jobId}`);
    await this.removeStaging(jobId);
    return existed;
  }

  /** Removes the staging folders of a job. */
  async removeStaging(jobId: string): Promise<void> {
    await rm(this.stagingOf(jobId), { recursive: true, force: true });
  }

  /** Renames a damaged checkpoint, which is kept for inspection; the key is free afterwards. */
  async setAside(key: string): Promise<void> {
    const folder = this.folder(key);
    await rename(folder, `${folder}${damaged}${randomBytes(4).toString('hex')}`);
  }

  /**
   * A checkpoint as one file.
   * @param card text of the model's card, which zips contain and the format card is
   * @throws CorruptCheckpointError when its files do not match their digests.
   */
  exportFile(key: string, choice: ExportChoice, card?: string): Promise<ExportedFile> {
    return exportCheckpoint(this.folder(key), choice, card);
  }

  /** Reads all files of a checkpoint. @throws CorruptCheckpointError when one does not match its digest. */
  async checkCheckpoint(key: string): Promise<void> {
    const folder = this.folder(key);
    const manifest = await readManifest(folder);
    await assertIntact(folder, manifest, [...checkpointFileNames]);
  }

  /** The trained model of a checkpoint. @throws CorruptCheckpointError when its files do not match their digests. */
  async readModel(key: string): Promise<TrainedModel> {
    const { manifest, readFile } = await openCheckpoint(this.folder(key));
    return { manifest, modelJson: await readFile('model.json'), weightsBin: await readFile('weights.bin') };
  }

  /** When the weights of a checkpoint were last written, in ms since 1970; 0 where they are gone. */
  weightsWrittenAt(key: string): number {
    // Synchronous, as it takes microseconds; through the thread pool it would take twenty times as long.
    return statSync(join(this.folder(key), 'weights.bin'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }

  /** Path of the folder below which a job's attempts write, or below which the files of imported jobs arrive. */
  stagingOf(jobId: string): string {
    if (!segment.test(jobId)) throw new InvalidInputError(`"${jobId}" is not a job id`);
    return join(this.root, 'staging', jobId);
  }

  /** `mkdir -p` whose new entries survive a power cut. */
  private async createFolder(folder: string): Promise<void> {
    const first = await mkdir(folder, { recursive: true });
    for (let created = folder; first !== undefined && created !== dirname(first); created = dirname(created))
      await syncFolder(dirname(created));
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw error;
    return copyFile(from, to);
  });
}

/** `mkdir -p` whose error has the true cause: on a read-only file system, that of `fs.mkdir` says ENOENT. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await mkdir(folder).catch((again: NodeJS.ErrnoException) => {
      if (again.code !== 'EEXIST') throw again;
    });
  }
}

/** Names of the entries of a folder; empty where there is no folder. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

const ageOf = (folder: string): Promise<number> =>
  stat(folder).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => Infinity,
  );
