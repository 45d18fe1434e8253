import { ProblemError, retrying, type TrainyardClient } from '@trainyard/client';
import { isTerminal, type Job, type JobRecord, jobStateSchema, type Page, terminalStates } from '@trainyard/contracts';
import { filesOf } from './jobFiles.js';
import { Journal } from './journal.js';
import type { Damage, ListedFile, Manifest, Part } from './manifest.js';
import { PartWriter, writeFileOf, writeTables } from './partWriter.js';
import type { Row } from './tables.js';

export interface ExportOptions {
  /** URL of the service. */
  from: string;
  /** Whether the images of the datasets are exported too. */
  datasets: boolean;
  signal: AbortSignal;
  onProgress(jobs: number, bytes: number): void;
}

/** Jobs that are read at the same time. */
const lanes = 4;

/**
 * Writes everything of the key's project to a folder: rows as Parquet, files of checkpoints as they are, and a manifest
 * last. Where an earlier call was stopped, it goes on; jobs that have ended since a complete export are added.
 * @throws ConflictError where the folder has something else; what the client throws
 */
export async function exportProject(
  client: TrainyardClient,
  folder: string,
  options: ExportOptions,
): Promise<Manifest> {
  const { from, signal, onProgress } = options;
  const progress = { jobs: 0, bytes: 0 };
  const count = ({ jobs, files }: Part) => {
    progress.jobs += jobs.length;
    progress.bytes += files.reduce((sum, { bytes }) => sum + bytes, 0);
    onProgress(progress.jobs, progress.bytes);
  };
  const journal = await Journal.open(folder, from, count);
  try {
    const add = async (part: Part) => {
      await journal.add(part);
      count(part);
    };
    const damaged = await exportJobs(client, folder, journal, { add, signal });
    const datasets = await retrying(() => client.datasets(), { signal });
    if (options.datasets) await exportDatasets(client, folder, { datasets, journal, add, signal });
    const parts = journal.parts.filter(({ files }) => !files.some(isAliases));
    const aliases = await exportAliases(client, folder, signal);
    const unfinished = await countUnfinished(client, signal);
    const manifest: Manifest = {
      format: 'trainyard-export',
      version: 1,
      from,
      finishedAt: new Date().toISOString(),
      jobs: parts.reduce((sum, { jobs }) => sum + jobs.length, 0),
      unfinished,
      damaged,
      datasets: datasets.map(({ name, version, digest }) => ({ name, version, digest })),
      parts: aliases.length > 0 ? [...parts, { jobs: [], files: aliases }] : parts,
    };
    await journal.finish(manifest);
    return manifest;
  } finally {
    await journal.close();
  }
}

interface Adding {
  add(part: Part): Promise<void>;
  signal: AbortSignal;
}

async function exportJobs(
  client: TrainyardClient,
  folder: string,
  { parts }: Journal,
  { add, signal }: Adding,
): Promise<Damage[]> {
  const done = new Set(parts.flatMap(({ jobs }) => jobs));
  const damaged: Damage[] = [];
  const writer = new PartWriter(folder, nextNumber(parts));
  const read = async ({ id }: Job) => {
    const record = await recordOf(client, id, signal);
    return record && filesOf(client, folder, record, signal);
  };
  for await (const jobs of groups(endedJobs(client, signal), lanes, ({ id }) => !done.has(id))) {
    signal.throwIfAborted();
    for (const found of await Promise.all(jobs.map(read))) {
      if (found === null) continue;
      damaged.push(...found.damaged);
      writer.add(found.record, found.files);
      if (writer.isFull) await add(await writer.write());
    }
  }
  if (!writer.isEmpty) await add(await writer.write());
  return damaged;
}

const endedJobs = (client: TrainyardClient, signal: AbortSignal) =>
  pages((cursor) => client.jobs({ state: [...terminalStates], sort: 'created', limit: 100, ...cursor }), signal);

/** The rows of a list; each page is requested again after passing errors, such as a limit of requests a minute. */
async function* pages<T>(
  read: (cursor: { cursor?: string }) => Promise<Page<T>>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  let next: string | null = null;
  do {
    const cursor: { cursor?: string } = next === null ? {} : { cursor: next };
    const page: Page<T> = await retrying(() => read(cursor), { signal });
    yield* page.data;
    next = page.nextCursor;
  } while (next !== null);
}

async function* groups<T>(all: AsyncIterable<T>, size: number, wanted: (one: T) => boolean): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const one of all) {
    if (!wanted(one)) continue;
    group.push(one);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** One more than that of any table. */
function nextNumber(parts: readonly Part[]): number {
  const numbers = parts.flatMap(({ files }) =>
    files
      .filter(({ path }) => path.startsWith('tables/jobs/'))
      .map(({ path }) => Number(/(\d+)\.parquet$/.exec(path)?.[1])),
  );
  return Math.max(0, ...numbers) + 1;
}

/** Null where the job was deleted, or runs again since it was listed. */
async function recordOf(client: TrainyardClient, id: string, signal: AbortSignal): Promise<JobRecord | null> {
  try {
    return await client.jobRecord(id, { signal });
  } catch (error) {
    if (error instanceof ProblemError && (error.code === 'not_found' || error.code === 'conflict')) return null;
    throw error;
  }
}

type Datasets = Awaited<ReturnType<TrainyardClient['datasets']>>;

async function exportDatasets(
  client: TrainyardClient,
  folder: string,
  { datasets, journal, add, signal }: Adding & { datasets: Datasets; journal: Journal },
): Promise<void> {
  const done = new Set(journal.parts.flatMap(({ files }) => files.map(({ path }) => path)));
  for (const { name, version } of datasets) {
    const path = datasetPath({ name, version });
    if (done.has(path)) continue;
    const stream = await retrying(() => client.exportDataset(name, { version }), { signal });
    await add({ jobs: [], files: [await writeFileOf(folder, path, stream)] });
  }
}

export const datasetPath = ({ name, version }: { name: string; version: number }): string =>
  `datasets/${name}-${version}.tar`;

export const isAliases = ({ path }: ListedFile): boolean => path.startsWith('tables/alias');

/** Those of all experiments, as they are now. */
async function exportAliases(client: TrainyardClient, folder: string, signal: AbortSignal): Promise<ListedFile[]> {
  const tables = new Map<string, Row[]>([
    ['aliases', []],
    ['aliasMoves', []],
  ]);
  for await (const { name: experiment } of pages((cursor) => client.experiments(cursor), signal)) {
    const { aliases, moves } = await client.experimentRecord(experiment, { signal });
    tables.get('aliases')?.push(...aliases.map((row) => ({ experiment, ...row })));
    tables.get('aliasMoves')?.push(...moves.map((row) => ({ experiment, ...row })));
  }
  const filled = new Map([...tables].filter(([, rows]) => rows.length > 0));
  return writeTables(folder, filled, 1);
}

const unfinishedStates = jobStateSchema.options.filter((state) => !isTerminal(state));

async function countUnfinished(client: TrainyardClient, signal: AbortSignal): Promise<number> {
  let count = 0;
  const read = (cursor: object) => client.jobs({ state: unfinishedStates, limit: 100, ...cursor });
  for await (const _ of pages(read, signal)) count++;
  return count;
}
