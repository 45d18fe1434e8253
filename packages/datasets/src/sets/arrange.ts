import { InvalidInputError } from '@trainyard/contracts';
import type { ListedPicture, Listing } from '../importers/listing.js';
import type { SetOptions } from './options.js';
import { compareText, type SetSplit, splitPictures } from './split.js';

/** Which picture of a listing becomes which image of the packed dataset. */
export interface Arrangement {
  classes: string[];
  counts: Record<SetSplit, number>;
  /** Per picture its label; -1: the picture is left out. */
  labels: Int32Array;
  /**
   * Per picture its index in the section of its split. Validation images are in the section of `train`, after all
   * training images.
   */
  places: Uint32Array;
  inTest(picture: number): boolean;
  notes: string[];
  warnings: string[];
}

/**
 * Chooses classes and their order, splits by seed what has no split, and gives each picture its place: by class and
 * name, or as stored, so that the order in which an archive stores its files does not matter.
 * @param source for messages
 * @throws InvalidInputError when this gives no set that can be trained on
 */
export function arrange(listing: Listing, options: SetOptions, source: string): Arrangement {
  const kept = keepClasses(listing, options.classes, source);
  if (kept.length === 0) throw new InvalidInputError(`${source} contains no images; see docs/data.md for what imports`);
  const pictures = kept.map((index) => listing.pictures[index] as ListedPicture);
  const { splits, notes } = splitPictures(pictures, options.shares, options.splitSeed);
  const counts = { train: 0, validation: 0, test: 0 };
  for (const split of splits) counts[split]++;
  checkCounts(counts, source);
  const classes = classesOf(listing, options.classes, pictures, splits, source);

  const labelOf = new Map(classes.map((name, label) => [name, label]));
  const labels = new Int32Array(listing.pictures.length).fill(-1);
  const places = new Uint32Array(listing.pictures.length);
  const testPictures = new Uint8Array(listing.pictures.length);
  const next = { train: 0, validation: counts.train, test: 0 };
  for (const i of orderOf(listing, pictures, labelOf)) {
    const index = kept[i] as number;
    const split = splits[i] as SetSplit;
    labels[index] = labelOf.get((pictures[i] as ListedPicture).className) as number;
    places[index] = next[split]++;
    testPictures[index] = split === 'test' ? 1 : 0;
  }
  return {
    classes,
    counts,
    labels,
    places,
    inTest: (picture) => testPictures[picture] === 1,
    notes: [...listing.notes, ...notes],
    warnings: listing.warnings,
  };
}

/** The indices of the pictures whose class is wanted. */
function keepClasses(listing: Listing, wanted: string[] | null, source: string): number[] {
  const all = listing.pictures.map((_, index) => index);
  if (wanted === null) return all;
  const present = new Set(listing.pictures.map(({ className }) => className));
  const unknown = wanted.filter((name) => !present.has(name));
  if (unknown.length > 0) {
    const names = [...present].sort(compareText);
    const list = names.length > 20 ? `${names.slice(0, 20).join(', ')}, ...` : names.join(', ');
    throw new InvalidInputError(`${source} has no class ${unknown.join(', ')}; its classes are ${list} (--classes)`);
  }
  const chosen = new Set(wanted);
  return all.filter((index) => chosen.has((listing.pictures[index] as ListedPicture).className));
}

function classesOf(
  listing: Listing,
  wanted: string[] | null,
  pictures: ListedPicture[],
  splits: SetSplit[],
  source: string,
): string[] {
  const trained = new Set(pictures.filter((_, i) => splits[i] === 'train').map(({ className }) => className));
  const present = new Set(pictures.map(({ className }) => className));
  const classes = wanted ?? listing.classes ?? [...present].sort(compareText);
  const untrained = classes.filter((name) => present.has(name) && !trained.has(name)).sort(compareText);
  if (untrained.length > 0) {
    const rest = [...trained].sort(compareText);
    const remedy =
      rest.length < 2 || rest.length > 20 ? '' : `, or leave them out (--classes ${quoted(rest.join(','))})`;
    throw new InvalidInputError(
      `${source} has no training images of the classes ${untrained.join(', ')}, only of others; add some${remedy}`,
    );
  }
  if (classes.length < 2) {
    const found = classes.length === 1 ? `only the class ${classes[0]}` : 'no class';
    throw new InvalidInputError(`${source} has ${found}, but two are needed; put each class into a folder of its own`);
  }
  return classes;
}

function checkCounts(counts: Record<SetSplit, number>, source: string): void {
  for (const split of ['train', 'test'] as const) {
    if (counts[split] > 0) continue;
    throw new InvalidInputError(
      `${source} has no ${split} images (${counts.train} train, ${counts.validation} validation, ` +
        `${counts.test} test); add some, or let all be split by seed (--split 0.8/0.2)`,
    );
  }
}

/** The indices of `pictures` in the order in which they get their places. */
function orderOf(listing: Listing, pictures: ListedPicture[], labelOf: Map<string, number>): number[] {
  const order = pictures.map((_, i) => i);
  if (listing.order === 'stored') return order;
  const label = pictures.map(({ className }) => labelOf.get(className) as number);
  return order.sort(
    (a, b) =>
      (label[a] as number) - (label[b] as number) ||
      compareText((pictures[a] as ListedPicture).name, (pictures[b] as ListedPicture).name),
  );
}

const quoted = (text: string): string => (/^[\w,.-]+$/.test(text) ? text : JSON.stringify(text));
