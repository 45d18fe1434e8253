import type { PackedDataset } from '../packed/reader.js';
import { encodePng } from './grid.js';
import { rangeOf } from './samples.js';

/** Images that are encoded at a time. */
const chunkImages = 64;

export interface ExportedImage {
  /** `train/<class>/000012.png` */
  path: string;
  png: Buffer;
}

/**
 * Yields a dataset as an image folder. The numbers are those of the images in their split, so that an import of the
 * folder gives the same order within each class.
 */
export async function* exportImages(packed: PackedDataset): AsyncGenerator<ExportedImage> {
  const { classes, imageShape } = packed.dataset;
  const imageBytes = imageShape[0] * imageShape[1] * imageShape[2];
  const folders = folderNames(classes);
  for (const split of ['train', 'validation', 'test'] as const) {
    const section = split === 'test' ? 'test' : 'train';
    const labels = await packed.readLabels(section);
    const [first, end] = rangeOf(packed, split);
    for (let start = first; start < end; start += chunkImages) {
      const indices = Array.from({ length: Math.min(chunkImages, end - start) }, (_, i) => start + i);
      const pixels = await packed.readImages(section, indices);
      const encoded = indices.map((_, i) =>
        encodePng(pixels.subarray(i * imageBytes, (i + 1) * imageBytes), imageShape),
      );
      for (const [i, png] of (await Promise.all(encoded)).entries()) {
        const index = indices[i] as number;
        const folder = folders[labels[index] as number] as string;
        yield { path: `${split}/${folder}/${String(index - first).padStart(7, '0')}.png`, png };
      }
    }
  }
}

/** Class names as names of folders: `/` and what no file system takes becomes `_`, and no two become one. */
function folderNames(classes: string[]): string[] {
  const used = new Set<string>();
  return classes.map((name) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the names of files must have none
    const base = name.replaceAll(/[/\\\u0000-\u001f]/g, '_').replace(/^\.+/, (dots) => '_'.repeat(dots.length)) || '_';
    let folder = base;
    for (let number = 2; used.has(folder); number++) folder = `${base}_${number}`;
    used.add(folder);
    return folder;
  });
}
