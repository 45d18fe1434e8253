import { TrainyardError } from '@trainyard/contracts';
import type { PackedDataset } from '../packed/reader.js';
import { RandomStream } from '../random.js';

export interface SampleChoice {
  split: 'train' | 'validation' | 'test';
  /** Name of a class; null: all. */
  className: string | null;
  count: number;
  seed: number;
}

export interface Samples {
  /** uint8 `[labels.length, height, width, channels]` */
  images: Uint8Array;
  labels: number[];
}

/**
 * Draws images by seed, without repeating one, ordered by class.
 * @throws TrainyardError `not_found` for an unknown class
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
  const count = Math.min(choice.count, candidates.length);
  for (let i = 0; i < count; i++) {
    const other = i + random.below(candidates.length - i);
    [candidates[i], candidates[other]] = [candidates[other] as number, candidates[i] as number];
  }
  const drawn = candidates.slice(0, count).sort((a, b) => (all[a] as number) - (all[b] as number) || a - b);
  return { images: await packed.readImages(section, drawn), labels: drawn.map((index) => all[index] as number) };
}

/** Where the images of a split are in its section: first index, and the one after the last. */
export function rangeOf({ dataset }: PackedDataset, split: SampleChoice['split']): [start: number, end: number] {
  const { trainImages, validationImages, testImages } = dataset;
  if (split === 'test') return [0, testImages];
  return split === 'train' ? [0, trainImages] : [trainImages, trainImages + validationImages];
}
