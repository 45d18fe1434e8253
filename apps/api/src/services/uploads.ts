import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  ConflictError,
  jsonText,
  NotFoundError,
  projectSchema,
  type Upload,
  uploadIdSchema,
} from '@trainyard/contracts';
import { newId } from '@trainyard/db';
import { FileLock, LockHeldError, replaceFile } from '@trainyard/process';
import { z } from 'zod';

/** An upload that is neither continued nor imported is removed after a day. */
const lifetimeMs = 24 * 60 * 60 * 1000;

const descriptionSchema = jsonText(
  z.object({
    /** Name of the file, for people. */
    name: z.string(),
    /** Null while it is not known, as in a multipart request; such an upload cannot be resumed. */
    bytes: z.int().nullable(),
  }),
);

/**
 * Files on their way to the service: `<root>/<project>/<id>`, beside it its description. The length of the file is the
 * offset, so that a crash at any moment loses at most what the disk had not stored yet.
 */
export class Uploads {
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
   * Appends what a stream brings, as far as it comes: when the connection breaks, what has arrived stays.
   * @param most stops the stream, with this error, when more bytes come
   * @throws ConflictError where the offset is not the upload's, or another request appends to it
   */
  async append(project: string, id: string, offset: number, stream: Readable, most: Limit): Promise<Upload> {
    const file = this.file(project, id);
    const lock = await FileLock.take(`${file}.lock`).catch((error: unknown) => {
      if (error instanceof LockHeldError) throw new ConflictError(`another request is writing to the upload ${id}`);
      throw error;
    });
    try {
      const { offset: stored } = await this.find(project, id);
      if (stored !== offset) throw new ConflictError(`the upload ${id} has ${stored} bytes, not ${offset}`);
      try {
        await pipeline(stream, limited(most, offset), createWriteStream(file, { flags: 'a' }));
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
    await rm(this.descriptionFile(project, id), { force: true });
    await rm(this.file(project, id), { force: true });
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

  /** Removes uploads that nothing was sent to for a day. @param inUse ids that imports of the project still need */
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
    return [...new Set(names.filter((name) => uploadIdSchema.safeParse(name).success))];
  }

  private folder(project: string): string {
    return join(this.root, projectSchema.parse(project));
  }

  private file(project: string, id: string): string {
    return join(this.folder(project), uploadIdSchema.parse(id));
  }

  private descriptionFile(project: string, id: string): string {
    return `${this.file(project, id)}.json`;
  }
}

/** At most so many bytes in all; `error` is thrown when more come. */
export interface Limit {
  bytes: number;
  error(): Error;
}

const limited = ({ bytes, error }: Limit, before: number) =>
  async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let total = before;
    for await (const chunk of source) {
      total += chunk.length;
      if (total > bytes) throw error();
      yield chunk;
    }
  };

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+').catch(() => null);
  await handle?.sync();
  await handle?.close();
}

const listFolder = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
