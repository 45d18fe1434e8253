import { posix } from 'node:path';
import type { StoredEntry } from './kind.js';

/** An entry with its decoded and checked path; null: of the top folder itself. */
export interface ListedEntry extends Pick<StoredEntry, 'type' | 'bytes' | 'unreadable'> {
  path: string | null;
  /** Of a link, as it is stored. */
  target: string | null;
  fromTop: boolean;
}

export const packInstead = 'pack the file itself (tar --dereference --hard-dereference; zip without -y)';
const mostSteps = 16;

/** @returns the entry of the file that a link, or a chain of links, leads to, or why there is none */
export function fileBehind(link: string, byPath: Map<string, ListedEntry>): ListedEntry | string {
  let entry = byPath.get(link);
  for (let steps = 0; steps < mostSteps && entry?.type === 'link'; steps++) {
    const { path, target, fromTop } = entry;
    if (target?.startsWith('/')) break;
    const joined: string = fromTop ? String(target) : posix.join(posix.dirname(String(path)), String(target));
    entry = byPath.get(posix.normalize(joined).replace(/\/$/, ''));
  }
  if (entry?.type === 'file') return entry;
  return `is a link or a device that leads to no file of the archive; ${packInstead}`;
}
