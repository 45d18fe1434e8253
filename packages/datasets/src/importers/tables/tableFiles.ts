import { join } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../archives/archive.js';
import { baseName } from '../images/imageFiles.js';
import { splitOfName, splitWithin } from '../images/splitNames.js';
import type { SourceSplit } from '../listing.js';

/** The files of a set, each with its split. */
export interface TableFiles {
  splitOf: Map<string, SourceSplit>;
  notes: string[];
  warnings: string[];
}

interface Place {
  path: string;
  split: SourceSplit;
  /** Whether a folder or the file is called by nothing but the split. */
  exact: boolean;
  /** What names the split: `train`, `train_10k`. */
  part: string;
  /** The folders that name no split: a set of several configurations has a folder for each. */
  folder: string;
}

/**
 * Finds the split of each file by the names of files and folders, as the hub of Hugging Face has them:
 * `data/train-00000-of-00002.parquet`, `plain_text/test/0000.parquet`.
 * @throws InvalidInputError where there are several sets, naming the path of each
 */
export function splitFiles(archive: Pick<Archive, 'path' | 'kind'>, paths: string[]): TableFiles {
  const places = paths.map(placeOf);
  refuseSeveral(archive, 'sets of tables', [...new Set(places.map(({ folder }) => folder))]);
  const exact = places.filter((place) => place.exact);
  const named = exact.length > 0 ? exact : places.filter(({ split }) => split !== null);
  const used = named.length > 0 ? named : places;
  const notes: string[] = [];
  if (exact.length === 0) {
    for (const split of ['train', 'validation', 'test'] as const) {
      const parts = [...new Set(named.filter((place) => place.split === split).map(({ part }) => part))];
      refuseSeveral(archive, `${split} splits`, parts);
      if (parts.length > 0) notes.push(`${parts[0]} is the ${split} split.`);
    }
  }
  const rest = places.filter((place) => !used.includes(place)).map(({ part }) => part);
  const warnings: string[] = [];
  if (rest.length > 0) {
    const list = [...new Set(rest)].slice(0, 5).join(', ');
    warnings.push(
      `${rest.length} files are of no split by their names (${list}) and were left out; import them alone.`,
    );
  }
  return { splitOf: new Map(used.map(({ path, split }) => [path, split])), notes, warnings };
}

function refuseSeveral({ path, kind }: Pick<Archive, 'path' | 'kind'>, what: string, names: string[]): void {
  if (names.length < 2) return;
  const shown = names.map((name) => (name === '' ? 'beside the folders' : name));
  const list = shown.length > 10 ? `${shown.slice(0, 10).join(', ')}, ...` : shown.join(', ');
  const [first = ''] = names.filter((name) => name !== '');
  const remedy = kind === 'folder' ? `import one of them: ${join(path, first)}` : 'unpack it, and import one of them';
  throw new InvalidInputError(`${path} has ${names.length} ${what} (${list}); ${remedy}`);
}

/** Folders that say nothing. */
const plain = /^(?:data|default|parquet|arrow|dataset|0\.0\.0)$/i;

function placeOf(path: string): Place {
  const folders = path.split('/').slice(0, -1);
  const parts = [...folders, stemOf(path)];
  const folderWithout = (at: number) => folders.filter((name, i) => i !== at && !plain.test(name)).join('/');
  for (const exact of [true, false]) {
    for (let at = parts.length - 1; at >= 0; at--) {
      const part = parts[at] as string;
      const split = exact ? splitOfName(part) : splitWithin(part).split;
      // A folder around everything may have a split's name within its own, like `my-test-set`.
      if (split === null || (!exact && at < folders.length - 1)) continue;
      return { path, split, exact, part, folder: folderWithout(at) };
    }
  }
  return { path, split: null, exact: false, part: parts.at(-1) as string, folder: folderWithout(-1) };
}

/** The file's name without its ending and the number of its part: `train` of `train-00000-of-00002.parquet`. */
function stemOf(path: string): string {
  return baseName(path)
    .replace(/\.(?:parquet|arrow)$/i, '')
    .replace(/-\d+-of-\d+(?:-[0-9a-f]+)?$/i, '')
    .replace(/[-_.](?:part)?[-_.]?\d+$/i, '');
}
