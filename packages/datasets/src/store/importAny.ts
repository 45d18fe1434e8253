import type { Dataset } from '@trainyard/contracts';
import { type DownloadKeyword, downloads } from '../importers/index.js';
import type { OnProgress } from '../progress.js';
import type { DatasetStore } from './datasetStore.js';
import type { ImportRequest } from './sources.js';

export interface ImportAnyOptions {
  /** Instead of the name that the content suggests. */
  name?: string | null;
  /** `[height, width]`, for image folders. */
  size?: [number, number] | null;
}

/**
 * Imports what a user typed: `shapes`, `cifar10` (downloads the python archive), `cifar10:binary` (the binary one), or
 * the path of a folder or archive, whose layout is recognised by its content.
 */
export function importAny(
  store: DatasetStore,
  what: string,
  options: ImportAnyOptions = {},
  onProgress?: OnProgress,
): Promise<Dataset> {
  return store.import(requestFor(what, options), onProgress);
}

function requestFor(what: string, { name = null, size = null }: ImportAnyOptions): ImportRequest {
  if (what === 'shapes') return { kind: 'shapes' };
  if (isDownload(what)) return { kind: 'download', keyword: what };
  return { kind: 'archive', path: what, name, size };
}

const isDownload = (what: string): what is DownloadKeyword => Object.hasOwn(downloads, what);
