import type { ListedPicture } from '../importers/listing.js';
import { mix } from '../random.js';
import type { Shares } from './options.js';

export type SetSplit = 'train' | 'validation' | 'test';

/** Images of a source without a test split that become one. */
const testShare = 0.2;

export interface Splitting {
  /** Split of each picture. */
  splits: SetSplit[];
  notes: string[];
}

/**
 * Decides the split of each picture. The source's own splits stay, unless `shares` asks for others. What has none is
 * drawn by seed from each class alike, and so is a test split where the source has none.
 * @param seed the same pictures and seed give the same splits, in whatever order an archive stores them
 */
export function splitPictures(pictures: ListedPicture[], shares: Shares | null, seed: number): Splitting {
  if (shares !== null) return drawAll(pictures, shares, seed);
  const own = new Set(pictures.map(({ split }) => split));
  if (own.has(null)) {
    const drawn = { train: 1 - testShare, validation: 0, test: testShare };
    return own.size === 1 ? drawAll(pictures, drawn, seed) : drawUnsplit(pictures, drawn, seed);
  }
  if (!own.has('test')) return drawTest(pictures, seed);
  return { splits: pictures.map(({ split }) => split as SetSplit), notes: [] };
}

function drawAll(pictures: ListedPicture[], shares: Shares, seed: number): Splitting {
  const splits = new Array<SetSplit>(pictures.length).fill('train');
  draw(pictures, () => true, shares, seed, splits);
  const own = [...new Set(pictures.map(({ split }) => split))].filter((split) => split !== null);
  const instead = own.length > 0 ? ` instead of the source's own ${own.join(', ')}` : '';
  const parts = (['train', 'validation', 'test'] as const).filter((split) => shares[split] > 0);
  const said = parts.map((split) => `${percent(shares[split])} ${split}`).join(', ');
  return { splits, notes: [`Each class was split by seed ${seed} into ${said}${instead} (--split, --split-seed).`] };
}

function drawUnsplit(pictures: ListedPicture[], shares: Shares, seed: number): Splitting {
  const splits = pictures.map(({ split }) => split ?? 'train');
  draw(pictures, ({ split }) => split === null, shares, seed, splits);
  const count = pictures.filter(({ split }) => split === null).length;
  const said = `${percent(shares.train)} train and ${percent(shares.test)} test`;
  return { splits, notes: [`${count} images without a split were split by seed ${seed} into ${said} (--split).`] };
}

function drawTest(pictures: ListedPicture[], seed: number): Splitting {
  const splits = pictures.map(({ split }) => split as SetSplit);
  const shares = { train: 1 - testShare, validation: 0, test: testShare };
  draw(pictures, ({ split }) => split === 'train', shares, seed, splits);
  const count = splits.filter((split) => split === 'test').length;
  return {
    splits,
    notes: [
      `The source has no test split: ${count} of its training images, ${percent(testShare)} of each class, ` +
        `drawn by seed ${seed}, are the test split (--split, --split-seed).`,
    ],
  };
}

const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;

/** Of each class at least one image stays in train, and at least one is in test where the class has two. */
function draw(
  pictures: ListedPicture[],
  among: (picture: ListedPicture) => boolean,
  shares: Shares,
  seed: number,
  splits: SetSplit[],
): void {
  const classes = new Map<string, number[]>();
  pictures.forEach((picture, i) => {
    if (!among(picture)) return;
    const members = classes.get(picture.className);
    if (members === undefined) classes.set(picture.className, [i]);
    else members.push(i);
  });
  const start = commonFolder(pictures).length;
  for (const members of classes.values()) {
    const drawn = shuffled(pictures, members, start, seed);
    const most = drawn.length - 1;
    const test = Math.min(most, Math.max(shares.test > 0 ? 1 : 0, Math.round(drawn.length * shares.test)));
    const validation = Math.min(most - test, Math.round(drawn.length * shares.validation));
    drawn.forEach((index, place) => {
      if (place < test) splits[index] = 'test';
      else splits[index] = place < test + validation ? 'validation' : 'train';
    });
  }
}

/**
 * By a hash of seed and name, so that a picture that is added later moves few others to another split. Names count from
 * the character at `start`, so that a folder around the whole set changes nothing.
 */
function shuffled(pictures: ListedPicture[], members: number[], start: number, seed: number): number[] {
  const keyed = members.map((index) => {
    const name = (pictures[index] as ListedPicture).name.slice(start);
    return { index, name, key: hashOf(name, seed) };
  });
  keyed.sort((a, b) => a.key - b.key || compareText(a.name, b.name));
  return keyed.map(({ index }) => index);
}

/** The folders that all names begin with, with the last `/`. */
export function commonFolder(pictures: ListedPicture[]): string {
  let common = pictures[0]?.name ?? '';
  common = common.slice(0, common.lastIndexOf('/') + 1);
  for (const { name } of pictures) {
    while (!name.startsWith(common)) common = common.slice(0, common.lastIndexOf('/', common.length - 2) + 1);
  }
  return common;
}

function hashOf(text: string, seed: number): number {
  let hash = mix(seed);
  for (let i = 0; i < text.length; i++) hash = mix(hash ^ text.charCodeAt(i));
  return hash;
}

/** By code unit, as the order must not depend on the locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
