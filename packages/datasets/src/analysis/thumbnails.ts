import type { ImageShape } from '../packed/format.js';

/*
 * A small gray copy of each image, and its difference hash: one bit for each pair of horizontal neighbours, whether the
 * left one is brighter (Neal Krawetz, "Kind of Like That", 2013). Images that were scaled or compressed again keep
 * nearly all bits.
 */
export const columns = 9;
export const rows = 8;
export const cells = columns * rows;
/** Of a large image, at most about so many pixels of each row and column are looked at. */
const mostSampled = 72;

/** Thumbnails of many images: 80 bytes each. */
export class Thumbnails {
  /** The first and the last four rows of the difference hash. */
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  /** Gray values `[images, rows, columns]`. */
  readonly gray: Uint8Array;

  constructor(images: number) {
    this.high = new Uint32Array(images);
    this.low = new Uint32Array(images);
    this.gray = new Uint8Array(images * cells);
  }

  /** Standard deviation of the gray values of an image, 0 to 127. */
  contrast(image: number): number {
    return this.moments(image).deviation;
  }

  /**
   * Absolute differences of the cells of two images, of this and of other thumbnails, after both were brought to mean 0
   * and deviation 1, so that a brighter or paler copy differs little.
   */
  difference(image: number, others: Thumbnails, other: number): { mean: number; largest: number } {
    const a = this.moments(image);
    const b = others.moments(other);
    let sum = 0;
    let largest = 0;
    for (let i = 0; i < cells; i++) {
      const first = ((this.gray[image * cells + i] as number) - a.mean) / a.deviation;
      const second = ((others.gray[other * cells + i] as number) - b.mean) / b.deviation;
      const difference = Math.abs(first - second);
      sum += difference;
      largest = Math.max(largest, difference);
    }
    return { mean: sum / cells, largest };
  }

  private moments(image: number): { mean: number; deviation: number } {
    let sum = 0;
    let squares = 0;
    for (let i = image * cells; i < (image + 1) * cells; i++) {
      const value = this.gray[i] as number;
      sum += value;
      squares += value * value;
    }
    const mean = sum / cells;
    return { mean, deviation: Math.sqrt(Math.max(0, squares / cells - mean ** 2)) || 1 };
  }
}

export interface PixelRange {
  /** Whether all pixels are equal. */
  isPlain: boolean;
  highest: number;
}

/** Writes the thumbnail of an image. @param pixels uint8 `[height, width, channels]` */
export class Thumbnailer {
  private readonly rowOf: Uint8Array;
  private readonly columnOf: Uint8Array;
  private readonly stepY: number;
  private readonly stepX: number;
  private readonly sums = new Float64Array(cells);
  private readonly counts = new Float64Array(cells);

  constructor(private readonly shape: ImageShape) {
    const [height, width] = shape;
    this.rowOf = Uint8Array.from({ length: height }, (_, y) => Math.floor((y * rows) / height));
    this.columnOf = Uint8Array.from({ length: width }, (_, x) => Math.floor((x * columns) / width));
    this.stepY = Math.max(1, Math.floor(height / mostSampled));
    this.stepX = Math.max(1, Math.floor(width / mostSampled));
  }

  /** @returns what the pixels are like, of all channels together */
  write(pixels: Uint8Array, into: Thumbnails, image: number): PixelRange {
    const [height, width, channels] = this.shape;
    const { sums, counts } = this;
    sums.fill(0);
    counts.fill(0);
    let highest = 0;
    let isPlain = true;
    const [firstRed, firstGreen, firstBlue] = [
      pixels[0],
      pixels[channels === 1 ? 0 : 1],
      pixels[channels === 1 ? 0 : 2],
    ];
    for (let y = 0; y < height; y += this.stepY) {
      const row = (this.rowOf[y] as number) * columns;
      for (let x = 0; x < width; x += this.stepX) {
        const at = (y * width + x) * channels;
        const red = pixels[at] as number;
        const green = channels === 1 ? red : (pixels[at + 1] as number);
        const blue = channels === 1 ? red : (pixels[at + 2] as number);
        isPlain &&= red === firstRed && green === firstGreen && blue === firstBlue;
        highest = Math.max(highest, red, green, blue);
        const cell = row + (this.columnOf[x] as number);
        // ITU-R BT.601, in parts of 256.
        sums[cell] = (sums[cell] as number) + (77 * red + 150 * green + 29 * blue) / 256;
        counts[cell] = (counts[cell] as number) + 1;
      }
    }
    this.store(into, image);
    return { isPlain, highest };
  }

  private store(into: Thumbnails, image: number): void {
    for (let cell = 0; cell < cells; cell++) {
      // A picture of fewer pixels than cells leaves cells without one: they get their left neighbour's value.
      const count = this.counts[cell] as number;
      const value =
        count > 0 ? (this.sums[cell] as number) / count : ((into.gray[image * cells + cell - 1] ?? 0) as number);
      into.gray[image * cells + cell] = Math.round(value);
    }
    const bits = [0, 0];
    for (let row = 0; row < rows; row++) {
      const half = row < rows / 2 ? 0 : 1;
      for (let column = 0; column < columns - 1; column++) {
        const at = image * cells + row * columns + column;
        const brighter = (into.gray[at] as number) > (into.gray[at + 1] as number) ? 1 : 0;
        bits[half] = (((bits[half] as number) << 1) | brighter) >>> 0;
      }
    }
    into.high[image] = bits[0] as number;
    into.low[image] = bits[1] as number;
  }
}
