import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  ConflictError,
  importIdSchema,
  jsonText,
  NotFoundError,
  projectSchema,
  TrainyardError,
  type Upload,
  uploadIdSchema,
} from '@trainyard/contracts';
import { newId } from '@trainyard/db';
import { FileLock, LockHeldError, replaceFile } from '@trainyard/process';
import { z } from 'zod';

/** An upload that is neither continued nor imported is removed after a day. */
const lifetimeMs = 24 * 60 * 60 * 1000;

/** An import of a URL downloads to a file of its own id. */
const fileIdSchema = z.union([uploadIdSchema, importIdSchema]);

const descriptionSchema = jsonText(
  z.object({
    /** Name of the file, for people. */
    name: z.string(),
    /** Null while it is not known, as in a multipart request; such an upload cannot be resumed. */
    bytes: z.int().nullable(),
  }),
);

interface Incoming {
  stream: Readable;
  most: number;
  signal: AbortSignal;
}

const noResult = (): void => {};

/**
 * Files on their way to the service: `<root>/<project>/<id>`, beside it its description. The length of the file is the
 * offset, so that a crash at any moment loses at most what the disk had not stored yet.
 */
export class Uploads {
  readonly #writing = new Map<string, { stopped: AbortController; done: Promise<void> }>();

  constructor(private readonly root: string) {}

  async create(project: string, name: string, bytes: number | null): Promise<Upload> {
    const id = newId('upl');
    await mkdir(this.folder(project), { recursive: true });
    await (await open(this.file(project, id), 'wx')).close();
    await replaceFile(this.descriptionFile(project, id), (handle) =>
      handle.writeFile(JSON.stringify({ name, bytes })).then(() => undefined),
    );
    return this.find(project, id);
  }

  /** @throws NotFoundError */
  async find(project: string, id: string): Promise<Upload> {
    const description = await readFile(this.descriptionFile(project, id), 'utf8').catch(() => null);
    const info = await stat(this.file(project, id)).catch(() => null);
    const parsed = descriptionSchema.safeParse(description);
    if (!parsed.success || info === null) throw new NotFoundError(`upload ${id}`);
    const { name, bytes } = parsed.data;
    const expiresAt = new Date(info.mtimeMs + lifetimeMs).toISOString();
    return { id, name, bytes: bytes ?? info.size, offset: info.size, expiresAt };
  }

  /**
   * Appends what a stream brings, as far as it comes: when the connection breaks, what has arrived stays. A request
   * that still appends to the upload is ended: its client has begun again, since its connection was lost.
   * @param most bytes of the whole upload
   * @throws ConflictError where the offset is not the upload's, or another API process appends to it; TrainyardError
   *   `payload_too_large`
   */
  async append(project: string, id: string, offset: number, stream: Readable, most: number): Promise<Upload> {
    await this.#end(id);
    const writing = { stopped: new AbortController(), done: Promise.resolve() };
    const appended = this.write(project, id, offset, { stream, most, signal: writing.stopped.signal });
    writing.done = appended.then(noResult, noResult);
    this.#writing.set(id, writing);
    try {
      return await appended;
    } finally {
      if (this.#writing.get(id) === writing) this.#writing.delete(id);
    }
  }

  /** Ends all requests that append. */
  async stop(): Promise<void> {
    await Promise.all([...this.#writing.keys()].map((id) => this.#end(id)));
  }

  async #end(id: string): Promise<void> {
    const writing = this.#writing.get(id);
    writing?.stopped.abort();
    await writing?.done;
  }

  private async write(
    project: string,
    id: string,
    offset: number,
    { stream, most, signal }: Incoming,
  ): Promise<Upload> {
    const file = this.file(project, id);
    await this.find(project, id);
    const lock = await FileLock.take(`${file}.lock`).catch((error: unknown) => {
      if (error instanceof LockHeldError) throw new ConflictError(`another request is writing to the upload ${id}`);
      throw error;
    });
    try {
      const { offset: stored } = await this.find(project, id);
      if (stored !== offset) throw new ConflictError(`the upload ${id} has ${stored} bytes, not ${offset}`);
      try {
        await pipeline(stream, limited(most, offset), createWriteStream(file, { flags: 'a' }), { signal });
      } catch (error) {
        if (!isInterrupted(error)) throw error;
      } finally {
        await syncFile(file);
      }
      return await this.find(project, id);
    } finally {
      await lock.release();
    }
  }

  /** Path of a complete upload. @throws NotFoundError, ConflictError while it is not complete */
  async complete(project: string, id: string): Promise<{ file: string; name: string }> {
    const { name, bytes, offset } = await this.find(project, id);
    if (offset < bytes)
      throw new ConflictError(`the upload ${id} has ${offset} of ${bytes} bytes; send the rest first`);
    return { file: this.file(project, id), name };
  }

  async remove(project: string, id: string): Promise<void> {
    await this.#end(id);
    const file = this.file(project, id);
    // The lock is there after the death of a process that was appending.
    for (const each of [this.descriptionFile(project, id), file, `${file}.lock`]) await rm(each, { force: true });
  }

  /** Bytes that the uploads of a project have, or will have when they are complete. */
  async bytesOf(project: string): Promise<number> {
    let bytes = 0;
    for (const id of await this.ids(project)) {
      const upload = await this.find(project, id).catch(() => null);
      if (upload !== null) bytes += Math.max(upload.bytes, upload.offset);
    }
    return bytes;
  }

  /** Path for what an import of a URL downloads. */
  async download(project: string, importId: string): Promise<string> {
    await mkdir(this.folder(project), { recursive: true });
    return this.file(project, importId);
  }

  /**
   * Removes uploads that nothing was sent to for a day, and what dead processes had downloaded.
   * @param inUse ids of uploads and imports of the project that are not over
   */
  async expire(inUse: (project: string) => Promise<string[]>): Promise<number> {
    let removed = 0;
    for (const project of await listFolder(this.root)) {
      if (!projectSchema.safeParse(project).success) continue;
      const needed = new Set(await inUse(project));
      for (const id of await this.ids(project)) {
        const info = await stat(this.file(project, id)).catch(() => null);
        if (needed.has(id) || (info !== null && Date.now() - info.mtimeMs < lifetimeMs)) continue;
        await this.remove(project, id);
        removed++;
      }
    }
    return removed;
  }

  private async ids(project: string): Promise<string[]> {
    const names = (await listFolder(this.folder(project))).map((name) => name.replace(/\.json$/, ''));
    return [...new Set(names.filter((name) => fileIdSchema.safeParse(name).success))];
  }

  private folder(project: string): string {
    return join(this.root, projectSchema.parse(project));
  }

  private file(project: string, id: string): string {
    return join(this.folder(project), fileIdSchema.parse(id));
  }

  private descriptionFile(project: string, id: string): string {
    return `${this.file(project, id)}.json`;
  }
}

/** Passes at most so many bytes on, those before included. */
const limited = (bytes: number, before: number) =>
  async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let total = before;
    for await (const chunk of source) {
      total += chunk.length;
      if (total > bytes) throw new TrainyardError('payload_too_large', `more than the ${bytes} bytes that may come`);
      yield chunk;
    }
  };

/** The connection broke, or the request was given up: what has arrived is kept. */
const isInterrupted = (error: unknown): boolean =>
  ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'ABORT_ERR'].includes(String((error as NodeJS.ErrnoException).code));

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+').catch(() => null);
  await handle?.sync();
  await handle?.close();
}

const listFolder = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
