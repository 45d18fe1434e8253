import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  InvalidInputError,
  maxCheckpointFileBytes,
  type RecordedFile,
  type RecordFileName,
  recordFileNameSchema,
  TrainyardError,
} from '@trainyard/contracts';
import { replaceFile } from '@trainyard/process';
import { readManifest } from './checkpoint.js';
import { CorruptCheckpointError } from './corruptCheckpointError.js';
import type { DiskArtifactStore } from './diskArtifactStore.js';
import { assertIntact, checkpointFileNames, digestOf, wrongDigest } from './intact.js';

export type StoredFile = RecordedFile & { path: string };

/** Where a file of an imported job belongs. */
export type FilePlace = Pick<RecordedFile, 'folder' | 'name'> & { jobId: string };

const initial = 'initial';

/** The files of jobs one by one, as they go from one installation to another. */
export class JobFiles {
  constructor(private readonly store: DiskArtifactStore) {}

  /**
   * The files of checkpoints, with the digests that they should have, and of the weights that the job started from. A
   * checkpoint that lacks a file has none.
   * @param folders of the checkpoints
   */
  async list(jobId: string, folders: readonly string[]): Promise<RecordedFile[]> {
    const all: RecordedFile[] = [];
    for (const folder of folders) all.push(...(await this.#ofCheckpoint(jobId, folder).catch(lost)));
    for (const name of await this.#names(jobId, initial)) {
      const { path: _, ...file } = await this.#measured(jobId, initial, name);
      all.push(file);
    }
    return all;
  }

  async #ofCheckpoint(jobId: string, folder: string): Promise<RecordedFile[]> {
    const { files } = await readManifest(this.#folder(jobId, folder));
    const names = new Set<string>(await this.#names(jobId, folder));
    if (!files.every(({ name }) => names.has(name))) return [];
    const { path: _, ...manifest } = await this.#measured(jobId, folder, 'manifest.json');
    return [manifest, ...files.map((file) => ({ folder, ...file }))];
  }

  /** A file with the digest that it has; null where there is none. */
  async find({ jobId, folder, name }: FilePlace): Promise<StoredFile | null> {
    return (await this.#names(jobId, folder)).includes(name) ? this.#measured(jobId, folder, name) : null;
  }

  /**
   * Keeps a file for a job that is to be imported, until `commit`.
   * @param sha256 that it must have
   * @throws InvalidInputError where it has another; TrainyardError `payload_too_large`
   */
  async receive(project: string, place: FilePlace, sha256: string, stream: AsyncIterable<Uint8Array>): Promise<void> {
    const folder = this.#arrived(project, place.jobId, place.folder);
    await mkdir(folder, { recursive: true });
    await replaceFile(join(folder, place.name), async (handle) => {
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of stream) {
        bytes += chunk.byteLength;
        if (bytes > maxCheckpointFileBytes)
          throw new TrainyardError('payload_too_large', `a file may have ${maxCheckpointFileBytes} bytes`);
        hash.update(chunk);
        await handle.writeFile(chunk);
      }
      const got = hash.digest('hex');
      if (got !== sha256) throw new InvalidInputError(wrongDigest(`${place.folder}/${place.name}`, got, sha256));
    });
  }

  /**
   * Moves the files of an imported job to their place, once all of them have arrived. Called again, it finds those that
   * an interrupted call has moved.
   * @returns the files that have not arrived, as `<folder>/<name>`; where there are any, none is moved
   * @throws InvalidInputError where the files of a checkpoint are not those of its manifest
   */
  async commit(project: string, jobId: string, files: readonly RecordedFile[]): Promise<string[]> {
    const folders = [...new Set(files.map(({ folder }) => folder))];
    const here = new Map<string, string>();
    for (const folder of folders) {
      const place = this.#folder(jobId, folder);
      here.set(folder, (await isFolder(place)) ? place : this.#arrived(project, jobId, folder));
    }
    const missing: string[] = [];
    for (const { folder, name, sha256 } of files) {
      const got = await digestOf(join(here.get(folder) ?? '', name)).catch(() => null);
      if (got !== sha256) missing.push(`${folder}/${name}`);
    }
    if (missing.length > 0) return missing;
    for (const [folder, path] of here) if (folder !== initial) await checkFolder(path, jobId);
    for (const [folder, path] of here) {
      if (path !== this.#folder(jobId, folder)) await this.store.commit(path, `jobs/${jobId}/${folder}`);
    }
    await rm(join(this.store.stagingOf(`import-${project}`), jobId), { recursive: true, force: true });
    return [];
  }

  #folder(jobId: string, folder: string): string {
    return this.store.folder(`jobs/${jobId}/${folder}`);
  }

  /** Apart from the files of the jobs of this installation, and from those of other projects. */
  #arrived(project: string, jobId: string, folder: string): string {
    return join(this.store.stagingOf(`import-${project}`), jobId, folder);
  }

  async #names(jobId: string, folder: string): Promise<RecordFileName[]> {
    const names: string[] = await readdir(this.#folder(jobId, folder)).catch(lost);
    return recordFileNameSchema.options.filter((name) => names.includes(name));
  }

  async #measured(jobId: string, folder: string, name: RecordFileName): Promise<StoredFile> {
    const path = join(this.#folder(jobId, folder), name);
    return { path, folder, name, bytes: (await stat(path)).size, sha256: await digestOf(path) };
  }
}

async function checkFolder(path: string, jobId: string): Promise<void> {
  try {
    const manifest = await readManifest(path);
    await assertIntact(path, manifest, checkpointFileNames);
    if (manifest.jobId === jobId) return;
    throw new InvalidInputError(`the manifest is of ${manifest.jobId} and not of ${jobId}`);
  } catch (error) {
    if (error instanceof CorruptCheckpointError) throw new InvalidInputError(error.message);
    throw error;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );

/** @throws every error but those of files that are missing or damaged */
function lost(error: unknown): never[] {
  if (error instanceof CorruptCheckpointError || (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
  throw error;
}
