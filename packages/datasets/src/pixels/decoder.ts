import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { Picture } from '../importers/listing.js';
import type { DecodedBatch, Decoder, PixelOptions } from './picture.js';

export function openDecoder(): Decoder {
  return {
    parallel: 4,
    close: async () => {},
    async sizeOf(picture: Picture) {
      if (picture.kind === 'pixels') return [picture.shape[0], picture.shape[1]];
      try {
        const meta = await sharp(picture.kind === 'file' ? await readFile(picture.path) : picture.bytes).metadata();
        return [meta.autoOrient.height, meta.autoOrient.width];
      } catch (error) {
        return { reason: `is a damaged image (${(error as Error).message})` };
      }
    },
    async decode(pictures: Picture[], options: PixelOptions): Promise<DecodedBatch> {
      const bytes = options.height * options.width * options.channels;
      const pixels = new Uint8Array(pictures.length * bytes);
      const faults: DecodedBatch['faults'] = [];
      for (const [index, picture] of pictures.entries()) {
        try {
          if (picture.kind === 'pixels') {
            pixels.set(picture.pixels, index * bytes);
            continue;
          }
          const image = sharp(picture.kind === 'file' ? await readFile(picture.path) : picture.bytes)
            .autoOrient()
            .flatten()
            .toColourspace('srgb');
          if (options.fit) image.resize(options.width, options.height, { fit: 'fill' });
          const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
          if (info.width !== options.width || info.height !== options.height) {
            faults.push({
              index,
              reason: `has ${info.width}x${info.height} pixels, but most have ${options.width}x${options.height}; choose a size (--size)`,
            });
          } else pixels.set(data, index * bytes);
        } catch (error) {
          faults.push({ index, reason: `is a damaged image (${(error as Error).message})` });
        }
      }
      return { pixels, faults, transparent: 0, cropped: 0 };
    },
  };
}
