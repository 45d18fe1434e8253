import type { Dataset } from '@trainyard/contracts';
import type { PackedDataset } from '../packed/reader.js';
import { defaultName, isCifar10 } from './names.js';

/** What decides whether a new set is a new version of an old one. */
export interface NewSet extends Pick<Dataset, 'classes' | 'imageShape' | 'trainImages' | 'testImages'> {
  origin: string;
}

/** What the names are used for already. */
export interface UsedNames {
  /** The newest version of a name. */
  newest(name: string): Promise<PackedDataset | null>;
  /** Whether another store has the name. */
  isTaken(name: string): Promise<boolean>;
}

export interface ChosenName {
  name: string;
  notes: string[];
}

/**
 * Chooses the name of a set that the user gave none. It becomes a new version of a dataset with the suggested name only
 * where it comes from the same place, or has the same classes. Otherwise two downloads that are both called
 * `archive.zip` would replace each other.
 */
export async function chooseName(suggested: string, set: NewSet, used: UsedNames): Promise<ChosenName> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? suggested : `${suggested.slice(0, 58)}-${number}`;
    if (name === 'shapes' || (name === defaultName && !isCifar10(set))) continue;
    if (await used.isTaken(name)) continue;
    const existing = await used.newest(name);
    if (existing === null) return { name, notes: number === 1 ? [] : [await explain(suggested, name, used)] };
    const { dataset, origin } = existing;
    const sameClasses = String([...dataset.classes].sort()) === String([...set.classes].sort());
    if (origin === set.origin || (origin === null && sameClasses)) return { name, notes: [] };
    if (sameClasses && !isGeneric(name)) {
      return {
        name,
        notes: [`${name} had a version from another place before (${dataset.source}); this is a newer version of it.`],
      };
    }
  }
}

async function explain(suggested: string, name: string, used: UsedNames) {
  const existing = await used.newest(suggested);
  const why =
    existing === null
      ? `the name ${suggested} is not free`
      : `${suggested} is another dataset already (${summary(existing.dataset)})`;
  return `Imported as ${name}, since ${why}; choose a name of your own with --name.`;
}

function summary({ classes, source }: Dataset): string {
  const some = classes.slice(0, 3).join(', ');
  return `${classes.length > 3 ? `${some}, ...` : some} from ${source}`;
}

/** Names that downloads of all kinds have: equal classes, such as the digits, do not make them versions of one set. */
function isGeneric(name: string): boolean {
  return /^(?:archive|data|dataset|images|imgs|pictures|download|raw|set|train|export)(?:[-_.]?\d+)?$/.test(name);
}
