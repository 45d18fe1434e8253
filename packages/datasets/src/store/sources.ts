import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type ImportOptions, InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../archives/archive.js';
import { renamed } from '../archives/inner.js';
import type { ArchiveLimits } from '../archives/limits.js';
import { identifyArchive, openArchive } from '../archives/openArchive.js';
import { download } from '../download/download.js';
import type { DownloadOptions } from '../download/options.js';
import type { Download } from '../importers/cifar10/downloads.js';
import { type DownloadKeyword, downloads, listSource } from '../importers/index.js';
import { planShapes, shapesVersion } from '../importers/shapes/importer.js';
import type { OnProgress } from '../progress.js';
import type { SetPlan } from '../sets/plan.js';
import { planSet } from '../sets/planSet.js';
import { downloadUrl, type UrlRequest } from './urlSource.js';

export type ImportRequest =
  /** The generated set. */
  | { kind: 'shapes' }
  /** An archive from its official URL. */
  | { kind: 'download'; keyword: DownloadKeyword; options?: ImportOptions }
  /** An archive or file of any known kind from any URL. */
  | UrlRequest
  /** A folder, archive or file of any known kind. `label` and `origin` where the path says nothing to a user. */
  | { kind: 'archive'; path: string; options?: ImportOptions; label?: string; origin?: string };

export interface SourceOptions {
  limits?: ArchiveLimits;
  /** Other URLs and checksums for the downloads, such as those of a mirror. */
  downloads?: Partial<Record<DownloadKeyword, Download>>;
  /** How long a download waits and how often it retries. */
  patience?: Pick<DownloadOptions, 'retries' | 'stallMs' | 'retryDelayMs'>;
}

/** Part of every source's digest. Increase it when an importer reads the same source differently than before. */
const importerVersion = 2;

/** A source that was identified but not read yet. */
export interface Source {
  /** A name that it must have; null: as the content suggests. */
  name: string | null;
  /** For display: a file name, a URL, or `generated`. */
  label: string;
  /** Where it is; the same origin gives new versions of the same dataset. */
  origin: string;
  /** Of content and options; null where the content may change unnoticed. */
  digest: string | null;
  /** Whether this is CIFAR-10 whatever its counts are: by the checksum of the official archive. */
  isOfficial?: boolean;
  /** The options that were given, without the name. */
  options: ImportOptions;
  plan(onProgress: OnProgress): Promise<SetPlan>;
  /** Called when the import has succeeded. */
  cleanUp?(): Promise<void>;
  /** Called when the source is not needed any more, whatever became of it. */
  close?(): Promise<void>;
}

/** @param root of the store, where downloads are kept until they are imported */
export async function sourceOf(
  request: ImportRequest,
  root: string,
  options: SourceOptions,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<Source> {
  switch (request.kind) {
    case 'shapes':
      return {
        name: 'shapes',
        label: 'generated',
        origin: 'generated',
        digest: `${importerVersion}:shapes:${shapesVersion}`,
        options: {},
        plan: async () => planShapes(),
      };
    case 'download':
      return downloadSource(request, root, options, signal);
    case 'url':
      return urlSource(request, root, options, onProgress, signal);
    case 'archive':
      return archiveSource(request, options, onProgress);
  }
}

/** @param shown instead of the path in messages */
async function archiveSource(
  { path, options = {}, label, origin }: Extract<ImportRequest, { kind: 'archive' }>,
  { limits }: SourceOptions,
  onProgress: OnProgress,
  shown = path,
): Promise<Source> {
  const { name = null, ...rest } = options;
  const identified = await identifyArchive(path, { limits, onProgress: scanning(onProgress) });
  const { digest } = identified;
  let archive: Archive | null = null;
  return {
    name,
    label: label ?? basename(resolve(path)),
    origin: origin ?? `path:${resolve(path)}`,
    digest: digest === null ? null : `${importerVersion}:${digest}${suffixOf(rest)}`,
    options: rest,
    plan: async () => {
      archive = await identified.open();
      return planArchive({ ...archive, path: shown }, rest);
    },
    close: async () => archive?.close(),
  };
}

function downloadSource(
  { keyword, options = {} }: Extract<ImportRequest, { kind: 'download' }>,
  root: string,
  { limits, patience, downloads: others }: SourceOptions,
  signal?: AbortSignal,
): Source {
  const { name, url, md5 } = others?.[keyword] ?? downloads[keyword];
  const { name: given, ...rest } = options;
  const file = join(root, '.downloads', basename(new URL(url).pathname));
  let archive: Archive | null = null;
  return {
    name: given ?? name,
    label: url,
    origin: url,
    digest: `${importerVersion}:md5:${md5}${suffixOf(rest)}`,
    isOfficial: Object.keys(rest).length === 0,
    options: rest,
    plan: async (onProgress) => {
      await mkdir(dirname(file), { recursive: true });
      await download({ ...patience, url, md5, file, onProgress, ...(signal && { signal }) });
      archive = await openArchive(file, { limits, onProgress: scanning(onProgress) });
      return planArchive(archive, rest);
    },
    cleanUp: () => rm(file, { force: true }),
    close: async () => archive?.close(),
  };
}

/** Downloads at once: only the content says whether it is known already. */
async function urlSource(
  { url, options }: UrlRequest,
  root: string,
  sourceOptions: SourceOptions,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<Source> {
  const patience = { ...sourceOptions.patience, ...(signal && { signal }) };
  const { file, name, remove, release } = await downloadUrl(url, root, onProgress, patience);
  try {
    const request = { kind: 'archive', path: file, label: name, origin: url, ...(options && { options }) } as const;
    const source = await archiveSource(request, sourceOptions, onProgress, url);
    return {
      ...source,
      // Messages show the URL, not where its file waits.
      plan: (report) => source.plan(report).catch((error: unknown) => Promise.reject(renamed(error, file, url))),
      cleanUp: remove,
      async close() {
        await source.close?.();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw renamed(error, file, url);
  }
}

function scanning(onProgress: OnProgress): (files: number) => void {
  return (done) => onProgress({ phase: 'scanning', done, total: null });
}

async function planArchive(archive: Archive, options: ImportOptions): Promise<SetPlan> {
  const listing = await listSource(archive, { labels: options.labels ?? null });
  return planSet(listing, options, archive.path);
}

/** The options in one order, as part of a digest. */
function suffixOf(options: ImportOptions): string {
  const given = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return given.length === 0 ? '' : `:${JSON.stringify(given)}`;
}

/** @throws InvalidInputError for options, none of which apply to the generated set */
export function refuseOptions(what: string, options: ImportOptions): void {
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== false);
  const names = given.map(([name]) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  if (names.length === 0) return;
  throw new InvalidInputError(`${what} is always the same set, so ${names.join(', ')} does not apply; leave it out`);
}
