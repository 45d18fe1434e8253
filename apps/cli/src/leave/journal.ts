import { type FileHandle, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConflictError, jsonText } from '@trainyard/contracts';
import { replaceFile } from '@trainyard/process';
import { z } from 'zod';
import { faultOf, type Manifest, manifestName, type Part, partSchema, readManifest } from './manifest.js';

const journalName = 'journal.ndjson';
const headerSchema = jsonText(z.object({ from: z.string() }));
const lineSchema = jsonText(partSchema);

/**
 * The parts of an export that are finished, a line for each, written when all its files are on the disk: what a killed
 * export has done is kept. The manifest takes its place at the end.
 */
export class Journal {
  readonly parts: Part[];

  private constructor(
    private readonly folder: string,
    private readonly handle: FileHandle,
    parts: Part[],
  ) {
    this.parts = parts;
  }

  /**
   * Begins an export, or goes on with one. Parts with a file that is missing or damaged are left out.
   * @throws ConflictError where the folder has other files, or an export of another service
   */
  static async open(folder: string, from: string, onKept: (part: Part) => void): Promise<Journal> {
    await mkdir(folder, { recursive: true });
    const { from: before, parts } = (await readManifest(folder)) ?? (await readJournal(folder)) ?? { from, parts: [] };
    if (before === from && parts.length === 0) await assertUnused(folder);
    if (before !== from)
      throw new ConflictError(`${folder} has an export of ${before}, not of ${from}; choose another folder`);
    const kept: Part[] = [];
    for (const part of parts) {
      if (!(await isIntact(folder, part))) continue;
      kept.push(part);
      onKept(part);
    }
    await removeLeftovers(folder, kept);
    const path = join(folder, journalName);
    const lines = [{ from }, ...kept].map((line) => `${JSON.stringify(line)}\n`);
    await replaceFile(path, (handle) => handle.writeFile(lines.join('')));
    await rm(join(folder, manifestName), { force: true });
    return new Journal(folder, await open(path, 'a'), kept);
  }

  async add(part: Part): Promise<void> {
    await this.handle.writeFile(`${JSON.stringify(part)}\n`);
    await this.handle.sync();
    this.parts.push(part);
  }

  async finish(manifest: Manifest): Promise<void> {
    const text = `${JSON.stringify(manifest, null, 1)}\n`;
    await replaceFile(join(this.folder, manifestName), (handle) => handle.writeFile(text));
    await this.close();
    await rm(join(this.folder, journalName));
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

async function isIntact(folder: string, { files }: Part): Promise<boolean> {
  for (const file of files) if ((await faultOf(folder, file)) !== null) return false;
  return true;
}

/** @returns null where there is none */
async function readJournal(folder: string): Promise<{ from: string; parts: Part[] } | null> {
  const text = await readFile(join(folder, journalName), 'utf8').catch(() => null);
  const [first = '', ...lines] = (text ?? '').split('\n');
  const header = headerSchema.safeParse(first).data;
  if (header === undefined) return null;
  // The last line of a killed export may be cut.
  return { ...header, parts: lines.flatMap((line) => lineSchema.safeParse(line).data ?? []) };
}

/** Removes parts of files, and tables that no part lists: who reads all files of a table would read rows twice. */
async function removeLeftovers(folder: string, kept: readonly Part[]): Promise<void> {
  const listed = new Set(kept.flatMap(({ files }) => files.map(({ path }) => path)));
  for (const name of await readdir(folder, { recursive: true })) {
    const path = name.replaceAll('\\', '/');
    const isTable = /^tables\/.*\.parquet$/.test(path) && !listed.has(path);
    if (isTable || /\.part-\w+$/.test(path)) await rm(join(folder, name));
  }
}

const own = new Set([journalName, 'tables', 'checkpoints', 'datasets']);

async function assertUnused(folder: string): Promise<void> {
  const other = (await readdir(folder)).find((name) => !own.has(name) && !name.startsWith(`${journalName}.part`));
  if (other !== undefined)
    throw new ConflictError(`${folder} has other files, such as ${other}; choose an empty folder, or a new one`);
}
