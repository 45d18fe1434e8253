import type { Dataset } from '@trainyard/contracts';
import type { OnProgress } from './progress.js';
import type { DatasetStore, ImportRequest } from './store.js';

export interface ImportAnyOptions {
  /** Instead of the name that the content suggests. */
  name?: string | null;
  /** `[height, width]`, for image folders. */
  size?: [number, number] | null;
}

/**
 * Imports what a user typed: `shapes`, `cifar10` (downloads the python archive), `cifar10:binary` (the binary one),
 * or the path of a folder or archive, whose kind is told by its content.
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
  const keywords: Record<string, ImportRequest> = {
    shapes: { kind: 'shapes' },
    cifar10: { kind: 'cifar10', source: 'download' },
    'cifar10:binary': { kind: 'cifar10', source: 'download:binary' },
  };
  return keywords[what] ?? { kind: 'archive', path: what, name, size };
}
