import { InvalidInputError } from '@trainyard/contracts';
import type { ListedPicture, Listing } from '../importers/listing.js';
import type { Decoder } from '../pixels/picture.js';
import { checkSize, type SetOptions } from './options.js';

/** How many images are looked at to find the size of all. */
const sampled = 32;
/** Share of the sampled images that must have one size, so that the others count as faults. */
const majority = 0.5;

export interface SampledShape {
  /** `[height, width]` of the set. */
  size: [height: number, width: number];
  /** Pixels of a typical image of the source. */
  typicalPixels: number;
}

/**
 * The size of the set: the option's, or that of most of the first images, since the very first may be the odd one.
 * @throws InvalidInputError when the images have many sizes and the user chose none
 */
export async function findShape(
  listing: Listing,
  wanted: (index: number) => boolean,
  options: SetOptions,
  decoder: Decoder,
  source: string,
): Promise<SampledShape> {
  const sizes: [number, number][] = [];
  const seen: string[] = [];
  for await (const read of listing.read(wanted)) {
    if (seen.length >= sampled) break;
    const { name } = listing.pictures[read.index] as ListedPicture;
    if ('fault' in read) {
      seen.push(`${name} ${read.fault}`);
      continue;
    }
    const size = await decoder.sizeOf(read.picture);
    if ('reason' in size) {
      seen.push(`${name} ${size.reason}`);
      continue;
    }
    seen.push('');
    sizes.push(size);
  }
  if (sizes.length === 0) {
    const first = seen[0] === undefined ? '' : `: ${seen[0]}`;
    throw new InvalidInputError(`${source} has no image that can be read among the first ${seen.length}${first}`);
  }
  const areas = sizes.map(([height, width]) => height * width).sort((a, b) => a - b);
  const typicalPixels = areas[areas.length >> 1] as number;
  if (options.size !== null) return { size: options.size, typicalPixels };
  const size = mostFrequent(sizes, source);
  checkSize(size);
  return { size, typicalPixels };
}

function mostFrequent(sizes: [number, number][], source: string): [number, number] {
  const counts = new Map<string, { size: [number, number]; count: number }>();
  for (const size of sizes) {
    const entry = counts.get(String(size)) ?? { size, count: 0 };
    entry.count++;
    counts.set(String(size), entry);
  }
  const ordered = [...counts.values()].sort((a, b) => b.count - a.count);
  const [first] = ordered as [{ size: [number, number]; count: number }];
  if (first.count > sizes.length * majority) return first.size;
  const examples = ordered.slice(0, 3).map(({ size: [height, width] }) => `${width}x${height}`);
  throw new InvalidInputError(
    `${source} has images of many sizes (${examples.join(', ')}, ...); ` +
      'choose one for all (--size 64, or --size WIDTHxHEIGHT)',
  );
}
