import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainyardClient } from '@trainyard/client';
import { type ExperimentRecord, InvalidInputError, type JobRecord, TrainyardError } from '@trainyard/contracts';
import { isAliases } from './exportProject.js';
import { pathOf } from './jobFiles.js';
import { assertIntact, bytesOf, type Manifest, manifestName, type Part, readManifest } from './manifest.js';
import { decodeTable, type Row, recordsOf } from './tables.js';

export interface ImportOptions {
  signal: AbortSignal;
  onChecked(bytes: number, total: number): void;
  onProgress(jobs: number, total: number): void;
}

export interface Imported {
  manifest: Manifest;
  /** Jobs that are new here, and those that were here already. */
  imported: number;
  unchanged: number;
}

/** Jobs that are sent at the same time. */
const lanes = 4;

/**
 * Brings the jobs and aliases of an export into the project of the key. Every file is compared with the manifest first;
 * a job is stored with all its rows and files or not at all. Run again, it goes on where it was stopped.
 * @throws InvalidInputError that names each damaged file with both digests, before anything is sent; ConflictError
 *   where a job or alias with other content is there
 */
export async function importProject(
  client: TrainyardClient,
  folder: string,
  { signal, onChecked, onProgress }: ImportOptions,
): Promise<Imported> {
  const manifest = await checkedExport(folder, onChecked);
  const counts = { imported: 0, unchanged: 0 };
  const parts = manifest.parts.filter(({ jobs }) => jobs.length > 0);
  for (const part of parts) {
    const records = recordsOf(await tablesOf(folder, part));
    for (let begin = 0; begin < records.length; begin += lanes) {
      signal.throwIfAborted();
      const group = records.slice(begin, begin + lanes);
      const outcomes = await Promise.all(group.map((record) => send(client, folder, record, manifest.from, signal)));
      for (const outcome of outcomes) counts[outcome] += 1;
      onProgress(counts.imported + counts.unchanged, manifest.jobs);
    }
  }
  const aliases = manifest.parts.find(({ files }) => files.some(isAliases));
  if (aliases) await importAliases(client, await tablesOf(folder, aliases), signal);
  return { manifest, ...counts };
}

/**
 * The manifest of an export, after every file was compared with it.
 * @throws InvalidInputError
 */
export async function checkedExport(folder: string, onChecked: ImportOptions['onChecked']): Promise<Manifest> {
  const manifest = await readManifest(folder);
  if (manifest === null)
    throw new InvalidInputError(
      `${folder} has no ${manifestName}: it is no export, or one that was stopped; run trainyard export again`,
    );
  const total = bytesOf(manifest);
  await assertIntact(folder, manifest, (bytes) => onChecked(bytes, total));
  return manifest;
}

async function tablesOf(folder: string, { files }: Part): Promise<Map<string, Row[]>> {
  const tables = new Map<string, Row[]>();
  for (const { path, rows } of files) {
    const name = path.split('/')[1] ?? '';
    if (rows !== null) tables.set(name, await decodeTable(name, await readFile(join(folder, path))));
  }
  return tables;
}

async function send(
  client: TrainyardClient,
  folder: string,
  record: JobRecord,
  from: string,
  signal: AbortSignal,
): Promise<'imported' | 'unchanged'> {
  const { id } = record.job;
  const { outcome, missing } = await client.importJobRecord(record, from, { signal });
  if (outcome !== 'incomplete') return outcome;
  const wanted = new Set(missing);
  for (const file of record.files) {
    if (wanted.has(`${file.folder}/${file.name}`))
      await client.sendJobFile(id, file, join(folder, pathOf(id, file)), { signal });
  }
  const again = await client.importJobRecord(record, from, { signal });
  if (again.outcome !== 'incomplete') return again.outcome;
  throw new TrainyardError('unavailable', `the files of ${id} were lost on their way: ${again.missing.join(', ')}`);
}

async function importAliases(
  client: TrainyardClient,
  tables: ReadonlyMap<string, readonly Row[]>,
  signal: AbortSignal,
): Promise<void> {
  const all = [...(tables.get('aliases') ?? []), ...(tables.get('aliasMoves') ?? [])];
  for (const experiment of new Set(all.map((row) => String(row.experiment)))) {
    const rowsIn = (name: string) =>
      (tables.get(name) ?? []).filter((row) => row.experiment === experiment).map(({ experiment: _, ...row }) => row);
    const record = { version: 1, aliases: rowsIn('aliases'), moves: rowsIn('aliasMoves') } as unknown;
    await client.importExperimentRecord(experiment, record as ExperimentRecord, { signal });
  }
}
