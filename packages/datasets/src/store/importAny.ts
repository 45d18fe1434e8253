import { type Dataset, type ImportOptions, InvalidInputError, importOptionsSchema } from '@trainyard/contracts';
import { type DownloadKeyword, downloads } from '../importers/index.js';
import type { OnProgress } from '../progress.js';
import type { DatasetStore } from './datasetStore.js';
import { type ImportRequest, refuseOptions } from './sources.js';
import { isUrl } from './urlSource.js';

/**
 * Imports what a user typed: `shapes`, `cifar10` (downloads the python archive), `cifar10:binary` (the binary one), or
 * the path or URL of a folder, archive or file, which is recognised by its content.
 * @throws InvalidInputError also for options with a wrong form, with all their faults
 */
export async function importAny(
  store: DatasetStore,
  what: string,
  options: ImportOptions = {},
  onProgress?: OnProgress,
  signal?: AbortSignal,
): Promise<Dataset> {
  return store.import(requestFor(what, checked(options)), onProgress, signal);
}

/** @throws InvalidInputError */
function checked(options: ImportOptions): ImportOptions {
  const parsed = importOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, detail: message }));
  const texts = faults.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`);
  throw new InvalidInputError(`The options of the import are wrong: ${texts.join('; ')}`, faults);
}

function requestFor(what: string, options: ImportOptions): ImportRequest {
  if (what === 'shapes') {
    refuseOptions('shapes', options);
    return { kind: 'shapes' };
  }
  if (isDownload(what)) return { kind: 'download', keyword: what, options };
  if (isUrl(what)) return { kind: 'url', url: what, options };
  return { kind: 'archive', path: what, options };
}

const isDownload = (what: string): what is DownloadKeyword => Object.hasOwn(downloads, what);
