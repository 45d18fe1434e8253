import { type ImportOptions, InvalidInputError } from '@trainyard/contracts';
import { type Section, SetAnalysis } from '../analysis/setAnalysis.js';
import type { ListedPicture, Listing } from '../importers/listing.js';
import { bytesOfImage, type ImageShape } from '../packed/format.js';
import { openDecoder } from '../pixels/decoder.js';
import type { DecodedBatch, PixelOptions } from '../pixels/picture.js';
import { type Arrangement, arrange } from './arrange.js';
import { Faults } from './faults.js';
import { parseOptions, type SetOptions } from './options.js';
import type { SetPlan, Written } from './plan.js';
import { findShape } from './shape.js';
import { type PixelCounts, writePictures } from './writePictures.js';

const maxPackedBytes = 64 * 1024 ** 3;

/**
 * Turns the listing of a source into a set: which pictures, in which split, of which size.
 * @param source the path or URL, for messages
 * @throws InvalidInputError when listing and options give no set that can be trained on
 */
export async function planSet(listing: Listing, given: ImportOptions, source: string): Promise<SetPlan> {
  const options = parseOptions(given);
  const arrangement = arrange(listing, options, source);
  const { counts, classes } = arrangement;
  const decoder = openDecoder();
  try {
    const wanted = (index: number) => arrangement.labels[index] !== -1;
    const { size, typicalPixels } = await findShape(listing, wanted, options, decoder, source);
    const channels = options.channels ?? listing.channels ?? 3;
    const imageShape: ImageShape = [...size, channels];
    const images = counts.train + counts.validation + counts.test;
    if (images * size[0] * size[1] * channels > maxPackedBytes) {
      throw new InvalidInputError(
        `${source} would need more than ${maxPackedBytes} bytes; choose a smaller size (--size)`,
      );
    }
    const pixelOptions: PixelOptions = {
      height: size[0],
      width: size[1],
      channels,
      fit: options.size === null ? null : options.fit,
      background: options.background,
    };
    return {
      suggestedName: listing.suggestedName,
      classes,
      imageShape,
      trainImages: counts.train,
      validationImages: counts.validation,
      testImages: counts.test,
      close: () => decoder.close(),
      async write(writer, onProgress, signal) {
        const faults = new Faults();
        const job = { listing, arrangement, pixelOptions, typicalPixels, decoder, writer, faults, onProgress, signal };
        const analysis = analysisOf(listing, arrangement, imageShape);
        const pixelCounts = await writePictures({ ...job, onBatch: analysis.add });
        if (pixelCounts.done < images) {
          throw new InvalidInputError(
            `${source} changed while it was imported: ${images - pixelCounts.done} of ${images} images are missing; ` +
              'import it again',
          );
        }
        faults.check(source, images, options.mostSkipped(images));
        onProgress({ phase: 'finishing', done: 0, total: null });
        const written = remarks({ arrangement, options, faults, pixelCounts });
        return { ...written, warnings: [...written.warnings, ...analysis.warnings()] };
      },
    };
  } catch (error) {
    await decoder.close();
    throw error;
  }
}

/** Looks at each image that is written, and names those that it warns of as the listing does. */
function analysisOf(listing: Listing, arrangement: Arrangement, imageShape: ImageShape) {
  const { classes, counts, labels, places, inTest } = arrangement;
  const sizes = { train: counts.train + counts.validation, test: counts.test };
  const analysis = new SetAnalysis({ classes, imageShape, sizes });
  const imageBytes = bytesOfImage(imageShape);
  const nameAt = (index: number) => (listing.pictures[index] as ListedPicture).name;
  const nameOf = (section: Section, place: number) =>
    nameAt(places.findIndex((each, i) => each === place && labels[i] !== -1 && inTest(i) === (section === 'test')));
  return {
    add(indices: number[], { pixels, faults }: DecodedBatch) {
      const unusable = new Set(faults.map(({ index }) => index));
      for (const [i, index] of indices.entries()) {
        if (unusable.has(i)) continue;
        const image = pixels.subarray(i * imageBytes, (i + 1) * imageBytes);
        const section = inTest(index) ? 'test' : 'train';
        analysis.add(section, places[index] as number, labels[index] as number, image, nameAt(index));
      }
    },
    warnings: () => analysis.warnings(nameOf, counts.train),
  };
}

interface Outcome {
  arrangement: Arrangement;
  options: SetOptions;
  faults: Faults;
  pixelCounts: PixelCounts;
}

function remarks({ arrangement, options, faults, pixelCounts }: Outcome): Written {
  const notes = [...arrangement.notes];
  const warnings = [...arrangement.warnings];
  const { transparent, cropped } = pixelCounts;
  if (transparent > 0) {
    notes.push(
      `${transparent} images have transparent pixels, put on ${colourName(options.background)} (--background).`,
    );
  }
  if (cropped > 0) {
    warnings.push(
      `${cropped} images lost more than a fifth of their area to be cut to the size; ` +
        '--fit contain keeps all of an image, --fit stretch distorts it.',
    );
  }
  if (faults.count > 0) notes.push(`${faults.count} files that cannot be used were left out.`);
  return { notes, warnings, skipped: faults.sorted(), skippedCount: faults.count };
}

function colourName(colour: [number, number, number]): string {
  const hex = colour.map((value) => value.toString(16).padStart(2, '0')).join('');
  return { ffffff: 'white', '000000': 'black' }[hex] ?? `#${hex}`;
}
