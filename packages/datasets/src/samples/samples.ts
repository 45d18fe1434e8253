import { NotFoundError, TrainyardError } from '@trainyard/contracts';
import type { PackedDataset } from '../packed/reader.js';
import { RandomStream } from '../random.js';

export interface SampleChoice {
  split: 'train' | 'validation' | 'test';
  /** Name of a class; null: all. */
  className: string | null;
  count: number;
  seed: number;
  /** Which `count` images of the order that the seed gives, from 1. */
  page?: number;
}

export interface Samples {
  /** uint8 `[labels.length, height, width, channels]` */
  images: Uint8Array;
  labels: number[];
  /** Of the images in their split, from 0. */
  indices: number[];
}

/**
 * Draws images by seed, without repeating one, ordered by class.
 * @throws TrainyardError `not_found` for an unknown class, and for a page after the last
 */
export async function drawSamples(packed: PackedDataset, choice: SampleChoice): Promise<Samples> {
  const { dataset } = packed;
  const wanted = choice.className === null ? null : dataset.classes.indexOf(choice.className);
  if (wanted === -1) {
    throw new TrainyardError(
      'not_found',
      `${dataset.name} has no class ${choice.className}; it has ${dataset.classes.join(', ')}`,
    );
  }
  const section = choice.split === 'test' ? 'test' : 'train';
  const all = await packed.readLabels(section);
  const [start, end] = rangeOf(packed, choice.split);
  const candidates: number[] = [];
  for (let i = start; i < end; i++) if (wanted === null || all[i] === wanted) candidates.push(i);
  const random = new RandomStream(choice.seed >>> 0);
  const { page = 1 } = choice;
  const [from, to] = [(page - 1) * choice.count, Math.min(page * choice.count, candidates.length)];
  if (page > 1 && from >= candidates.length) {
    const pages = Math.ceil(candidates.length / choice.count);
    throw new TrainyardError(
      'not_found',
      `there is no page ${page} of ${choice.count} images; ${candidates.length} images have ${pages}`,
    );
  }
  for (let i = 0; i < to; i++) {
    const other = i + random.below(candidates.length - i);
    [candidates[i], candidates[other]] = [candidates[other] as number, candidates[i] as number];
  }
  const drawn = candidates.slice(from, to).sort((a, b) => (all[a] as number) - (all[b] as number) || a - b);
  return {
    images: await packed.readImages(section, drawn),
    labels: drawn.map((index) => all[index] as number),
    indices: drawn.map((index) => index - start),
  };
}

/** Where the images of a split are in its section: first index, and the one after the last. */
export function rangeOf({ dataset }: PackedDataset, split: SampleChoice['split']): [start: number, end: number] {
  const { trainImages, validationImages, testImages } = dataset;
  if (split === 'test') return [0, testImages];
  return split === 'train' ? [0, trainImages] : [trainImages, trainImages + validationImages];
}

/** One image, uint8 `[height, width, channels]`. @throws NotFoundError for an index outside the split */
export async function readSample(
  packed: PackedDataset,
  split: SampleChoice['split'],
  index: number,
): Promise<{ pixels: Uint8Array; label: number }> {
  const section = split === 'test' ? 'test' : 'train';
  const [start, end] = rangeOf(packed, split);
  const count = end - start;
  if (index >= count) {
    const range = count === 0 ? 'no images' : `the images 0 to ${count - 1}`;
    throw new NotFoundError(`${split} image ${index} of ${packed.dataset.name}, which has ${range},`);
  }
  const labels = await packed.readLabels(section);
  return {
    pixels: await packed.readImages(section, [start + index]),
    label: labels[start + index] as number,
  };
}
