import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { ArchiveLimits } from '../archives/index.js';
import { type DownloadOptions, download } from '../download.js';
import type { Download, ImportPlan } from '../importers/importer.js';
import { type DownloadKeyword, downloads, planArchive } from '../importers/index.js';
import { planShapes, shapesVersion } from '../importers/shapes/importer.js';
import type { OnProgress } from '../progress.js';
import { digestSource } from './digestSource.js';
import { checkFreeName } from './names.js';

export type ImportRequest =
  /** The generated set. */
  | { kind: 'shapes' }
  /** An archive from its official URL. */
  | { kind: 'download'; keyword: DownloadKeyword }
  /** A folder or archive of any known layout. `name` null: as the content or the file's name suggest. */
  | { kind: 'archive'; path: string; name?: string | null; size?: [height: number, width: number] | null };

export interface SourceOptions {
  limits?: ArchiveLimits;
  /** Other URLs and checksums for the downloads, such as those of a mirror. */
  downloads?: Partial<Record<DownloadKeyword, Download>>;
  /** How long a download waits and how often it retries. */
  patience?: Pick<DownloadOptions, 'retries' | 'stallMs' | 'retryDelayMs'>;
}

/** Part of every source's digest. Increase it when an importer reads the same source differently than before. */
const importerVersion = 1;

/** A source that was identified but not read yet. */
export interface Source {
  /** Null while only the content says. */
  name: string | null;
  /** For display: a file name, a URL, or `generated`. */
  label: string;
  digest: string;
  plan(onProgress: OnProgress): Promise<ImportPlan>;
  /** Called when the import has succeeded. */
  cleanUp?(): Promise<void>;
}

/** @param root of the store, where downloads are kept until they are imported */
export async function sourceOf(request: ImportRequest, root: string, options: SourceOptions): Promise<Source> {
  switch (request.kind) {
    case 'shapes':
      return {
        name: 'shapes',
        label: 'generated',
        digest: `${importerVersion}:shapes:${shapesVersion}`,
        plan: async () => planShapes(),
      };
    case 'download':
      return downloadSource(options.downloads?.[request.keyword] ?? downloads[request.keyword], root, options);
    case 'archive':
      return archiveSource(request, options);
  }
}

async function archiveSource(
  { path, name = null, size = null }: Extract<ImportRequest, { kind: 'archive' }>,
  { limits }: SourceOptions,
): Promise<Source> {
  if (name !== null) checkFreeName(name);
  const suffix = size === null ? '' : `:${size.join('x')}`;
  return {
    name,
    label: basename(resolve(path)),
    digest: `${importerVersion}:${await digestSource(path)}${suffix}`,
    plan: (onProgress) => planArchive(path, { size, onProgress, limits }),
  };
}

function downloadSource({ name, url, md5 }: Download, root: string, { limits, patience }: SourceOptions): Source {
  const file = join(root, '.downloads', basename(new URL(url).pathname));
  return {
    name,
    label: url,
    digest: `${importerVersion}:md5:${md5}`,
    plan: async (onProgress) => {
      await mkdir(dirname(file), { recursive: true });
      await download({ ...patience, url, md5, file, onProgress });
      return planArchive(file, { size: null, onProgress, limits });
    },
    cleanUp: () => rm(file, { force: true }),
  };
}
