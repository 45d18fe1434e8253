import { setImmediate } from 'node:timers/promises';
import type { PackedWriter, Split } from '../packed.js';
import type { OnProgress } from '../progress.js';
import type { ImportPlan } from './plan.js';

/*
 * `shapes`: ten figures on coloured grounds, so that everything can be tried without a download. Position, size,
 * angle, colours, noise and clutter are drawn anew for each image; several classes differ only in their outline
 * (circle, hexagon, square) or in a part (circle, crescent, ring), which a deeper network tells apart better. At learning
 * rate 0.01, batch 20 and seed 0, lenet had 46.2 % of the validation images right after 5 epochs and vgg6 99.5 %; lenet
 * ended with 83.6 % of the test images after 14.
 *
 * The images must be the same bits everywhere: arithmetic here is +, -, *, / and sqrt, which IEEE 754 fixes, and
 * never Math.sin and its like, which it does not.
 */

export const shapesClasses = [
  'checker',
  'circle',
  'crescent',
  'cross',
  'hexagon',
  'ring',
  'square',
  'star',
  'stripes',
  'triangle',
];
/** Raise it whenever the images change. */
export const shapesVersion = 1;

const side = 32;
const imageBytes = side * side * 3;
const chunkImages = 500;

/** Signed distance of a figure of size 1 around the origin: negative inside. Units: the figure's size. */
type Outline = (u: number, v: number) => number;

const disc: Outline = (u, v) => Math.sqrt(u * u + v * v) - 1;
const box = (u: number, v: number, width: number, height: number) =>
  Math.max(Math.abs(u) - width, Math.abs(v) - height);

/** Unit normals at multiples of 72, 120 and 60 degrees, as literals: see above. */
const fifths: [number, number][] = [
  [0, 1],
  [-0.9510565162951535, 0.30901699437494745],
  [-0.5877852522924731, -0.8090169943749475],
  [0.5877852522924731, -0.8090169943749475],
  [0.9510565162951535, 0.30901699437494745],
];
const half = 0.5;
const sin60 = 0.8660254037844386;

const outlines: Record<string, Outline> = {
  checker: disc,
  circle: disc,
  crescent: (u, v) => Math.max(disc(u, v), 0.85 - Math.sqrt((u - 0.5) * (u - 0.5) + v * v)),
  cross: (u, v) => Math.min(box(u, v, 0.95, 0.32), box(u, v, 0.32, 0.95)),
  hexagon: (u, v) => Math.max(Math.abs(v), Math.abs(sin60 * u + half * v), Math.abs(sin60 * u - half * v)) - 0.9,
  ring: (u, v) => Math.abs(Math.sqrt(u * u + v * v) - 0.78) - 0.22,
  square: (u, v) => box(u, v, 0.85, 0.85),
  star,
  stripes: disc,
  triangle: (u, v) => Math.max(-v, sin60 * u + half * v, half * v - sin60 * u) - 0.55,
};

/** A pentagram is where at most one of five half-planes is left: the second largest of the distances to their edges. */
function star(u: number, v: number): number {
  let largest = -Infinity;
  let second = -Infinity;
  for (const [x, y] of fifths) {
    const distance = u * x + v * y;
    if (distance > largest) {
      second = largest;
      largest = distance;
    } else if (distance > second) second = distance;
  }
  return second - 0.36;
}

/** What fills a figure: 1 where its second colour shows. `u`, `v` as above. */
type Filling = (u: number, v: number) => number;
const band = (x: number) => (x * 2.2 - Math.floor(x * 2.2) < 0.5 ? 0 : 1);
const fillings: Record<string, Filling> = {
  checker: (u, v) => (band(u) + band(v)) % 2,
  stripes: (u) => band(u),
};

export function planShapes({ trainImages = 10_000, testImages = 2_000 } = {}): ImportPlan {
  return {
    classes: shapesClasses,
    imageShape: [side, side, 3],
    trainImages,
    testImages,
    async write(writer: PackedWriter, onProgress: OnProgress) {
      let done = 0;
      for (const [split, count] of [
        ['train', trainImages],
        ['test', testImages],
      ] as const) {
        for (let start = 0; start < count; start += chunkImages) {
          const { images, labels } = drawChunk(split, start, Math.min(chunkImages, count - start));
          await writer.write(split, start, images, labels);
          done += labels.length;
          onProgress({ phase: 'generating', done, total: trainImages + testImages });
          // Drawing is pure computing: let timers and sockets have their turn.
          await setImmediate();
        }
      }
    },
  };
}

function drawChunk(split: Split, start: number, count: number): { images: Uint8Array; labels: Int32Array } {
  const images = new Uint8Array(count * imageBytes);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const label = (start + i) % shapesClasses.length;
    labels[i] = label;
    const key = mix((split === 'train' ? 0x5eed0001 : 0x5eed0002) ^ mix(start + i));
    drawImage(images.subarray(i * imageBytes, (i + 1) * imageBytes), String(shapesClasses[label]), new Draws(key));
  }
  return { images, labels };
}

type Colour = [number, number, number];

/** Ranges of a channel. Figures are brighter than grounds, or a small network would take very long to begin to learn. */
const dark: [number, number] = [0, 120];
const bright: [number, number] = [130, 255];
const clutterRange: [number, number] = [60, 200];

interface Figure {
  x: number;
  y: number;
  size: number;
  /** Cosine and sine of its angle. */
  turn: [number, number];
  outline: Outline;
  filling: Filling | null;
  colours: [Colour, Colour];
}

/** Fills `pixels`, `[32, 32, 3]`. */
function drawImage(pixels: Uint8Array, className: string, draws: Draws): void {
  const ground: [Colour, Colour] = [draws.colour(...dark), draws.colour(...dark)];
  const slope = draws.turn();
  const noise = draws.between(5, 40);
  const clutter = Array.from({ length: draws.below(4) }, () => drawClutter(draws));
  const figure = drawFigure(className, draws);
  const [behind, before] = [clutter.slice(1), clutter.slice(0, 1)];
  const figures = [...behind, figure, ...before];

  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += 3) {
      const along = 0.5 + ((x - 15.5) * slope[0] + (y - 15.5) * slope[1]) / 44;
      let [red, green, blue] = blend(ground[0], ground[1], along);
      for (const one of figures) {
        const dx = (x - one.x) / one.size;
        const dy = (y - one.y) / one.size;
        const u = dx * one.turn[0] + dy * one.turn[1];
        const v = dy * one.turn[0] - dx * one.turn[1];
        const cover = Math.min(1, Math.max(0, 0.5 - one.outline(u, v) * one.size));
        if (cover === 0) continue;
        const colour = one.colours[one.filling === null ? 0 : one.filling(u, v)] as Colour;
        red += (colour[0] - red) * cover;
        green += (colour[1] - green) * cover;
        blue += (colour[2] - blue) * cover;
      }
      // The three channels' noise comes from one draw: 3 x 10 bits.
      const bits = draws.bits();
      pixels[at] = toByte(red + ((bits & 1023) / 1023 - 0.5) * 2 * noise);
      pixels[at + 1] = toByte(green + (((bits >>> 10) & 1023) / 1023 - 0.5) * 2 * noise);
      pixels[at + 2] = toByte(blue + (((bits >>> 20) & 1023) / 1023 - 0.5) * 2 * noise);
    }
  }
}

function drawFigure(className: string, draws: Draws): Figure {
  const size = draws.between(8, 13);
  return {
    size,
    x: draws.between(size * 0.85, side - 1 - size * 0.85),
    y: draws.between(size * 0.85, side - 1 - size * 0.85),
    turn: draws.turn(),
    outline: outlines[className] as Outline,
    filling: fillings[className] ?? null,
    colours: [draws.colour(...bright), draws.colour(...dark)],
  };
}

/** A short bar or a dot. */
function drawClutter(draws: Draws): Figure {
  const colour = draws.colour(...clutterRange);
  const dot = draws.below(2) === 0;
  const size = dot ? draws.between(1, 2.5) : draws.between(3, 8);
  const thickness = draws.between(0.6, 1.2) / size;
  return {
    size,
    x: draws.between(0, side - 1),
    y: draws.between(0, side - 1),
    turn: draws.turn(),
    outline: dot ? disc : (u, v) => box(u, v, 1, thickness),
    filling: null,
    colours: [colour, colour],
  };
}

function blend(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.floor(value + 0.5)));
}

/** Bits by counter: the nth draw of an image depends on its key and n alone. */
class Draws {
  private counter = 0;

  constructor(private readonly key: number) {}

  /** 32 random bits, unsigned. */
  bits(): number {
    return mix(this.key ^ mix(++this.counter));
  }

  between(low: number, high: number): number {
    return low + ((high - low) * this.bits()) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor((this.bits() / 2 ** 32) * limit);
  }

  colour(low: number, high: number): Colour {
    return [this.between(low, high), this.between(low, high), this.between(low, high)];
  }

  /** Cosine and sine of some angle, by the tangent of its half; one quadrant is drawn, then turned. */
  turn(): [number, number] {
    const t = this.between(0, 1);
    const cosine = (1 - t * t) / (1 + t * t);
    const sine = (2 * t) / (1 + t * t);
    const quadrants: [number, number][] = [
      [cosine, sine],
      [-sine, cosine],
      [-cosine, -sine],
      [sine, -cosine],
    ];
    return quadrants[this.below(4)] as [number, number];
  }
}

/** A bijection of 32 bits that spreads each input bit over all (lowbias32, Chris Wellons, 2018). */
function mix(value: number): number {
  let x = (value + 0x9e3779b9) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
