import { codePages, decode } from './codePages.js';
import { guessCodePage } from './guessCodePage.js';

/** The name of an entry as it is stored: each byte is one character (`latin1`), to be kept in little memory. */
export interface StoredName {
  raw: string;
  /** Whether the archive says that it is UTF-8; otherwise it may be in any code page. */
  utf8: boolean;
}

export interface DecodedNames {
  /** In the order of the stored ones, in Unicode's form NFC, so that macOS's names equal those of other systems. */
  names: string[];
  notes: string[];
}

/** Names cannot be decoded; the message continues the sentence "<archive> is refused: ". */
export class NamesError extends Error {}

/**
 * Decodes all names of an archive together, since one of them alone is too short to guess its code page.
 * @param host of the archiver: DOS and Windows write other code pages than Unix
 * @throws NamesError where the code page is in doubt, or where two different names would become one
 */
export function decodeNames(stored: StoredName[], host: 'dos' | 'unix'): DecodedNames {
  const isPlain = (raw: string) => !/[\x80-\xff]/.test(raw);
  const unknown = stored.filter(({ raw, utf8 }) => !utf8 && !isPlain(raw));
  const areUtf8 = unknown.every(({ raw }) => decode('utf-8', raw) !== null);
  const page = areUtf8 ? 'utf-8' : guess(unknown, host);
  const names = stored.map(({ raw, utf8 }) => {
    if (isPlain(raw)) return raw;
    const name = decode(utf8 ? 'utf-8' : page, raw);
    if (name !== null) return name.normalize('NFC');
    throw new NamesError(`the name ${shown(raw)} is marked as UTF-8, but is not; ${remedy}`);
  });
  refuseMerged(stored, names);
  if (page === 'utf-8') return { names, notes: [] };
  const example = decode(page, (unknown[0] as StoredName).raw);
  const title = codePages.find(({ label }) => label === page)?.title;
  return {
    names,
    notes: [`Names in the archive are not UTF-8 and were read as ${title}, such as ${example}; ${wrong}.`],
  };
}

const remedy = 'rename it, or pack the files again with UTF-8 names: 7z a -mcu=on set.zip <folder>';
const wrong = 'if that is wrong, pack the files again with UTF-8 names (7z a -mcu=on set.zip <folder>)';

function guess(unknown: StoredName[], host: 'dos' | 'unix'): string {
  const guessed = guessCodePage(
    unknown.map(({ raw }) => raw),
    host,
  );
  if (guessed !== null) return guessed;
  throw new NamesError(`its names are neither UTF-8 nor in a code page that can be recognised; ${remedy}`);
}

/** Different names must stay different: classes that become one are worse than any refusal. */
function refuseMerged(stored: StoredName[], names: string[]): void {
  const rawOf = new Map<string, string>();
  names.forEach((name, i) => {
    const { raw } = stored[i] as StoredName;
    const other = rawOf.get(name);
    if (other === undefined) rawOf.set(name, raw);
    else if (other !== raw) {
      throw new NamesError(
        `it contains ${JSON.stringify(name)} in two spellings that look alike (Unicode NFC and NFD); rename one`,
      );
    }
  });
}

/** Bytes that are no text, for a message. */
const shown = (raw: string): string => JSON.stringify(raw.replaceAll(/[^ -~]/g, '?'));
