import { basename } from 'node:path';

/** A name for a downloaded file, from what the server calls it, or from the URL. It is safe as a name on a disk. */
export function fileNameOf(url: string, disposition: string | undefined): string {
  const named = disposition === undefined ? null : (extendedName(disposition) ?? plainName(disposition));
  for (const name of [named, lastPart(url)]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
    const safe = basename((name ?? '').replaceAll('\\', '/')).replaceAll(/[\u0000-\u001f\u007f]/g, '');
    if (safe !== '' && safe !== '.' && safe !== '..') return safe.slice(-100);
  }
  return 'download';
}

/** `filename*=UTF-8''my%20pets.zip` (RFC 6266). */
function extendedName(disposition: string): string | null {
  const [, encoded] = /filename\*\s*=\s*utf-8'[^']*'([^;]+)/i.exec(disposition) ?? [];
  return encoded === undefined ? null : decoded(encoded.trim());
}

/** `filename="my pets.zip"` or `filename=pets.zip`. */
function plainName(disposition: string): string | null {
  const [, quoted, token] = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition) ?? [];
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? null;
}

const lastPart = (url: string): string | null => decoded(new URL(url).pathname.split('/').at(-1) ?? '');

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
