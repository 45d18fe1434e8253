import { InvalidInputError } from '@trainyard/contracts';
import { label, toSvg } from './svg.js';

/** Pixels of an image, in each direction: with more, the picture has tens of thousands of numbers. */
const maxSide = 64;
const cell = 22;
const margin = 16;
const top = 34;

/** Values from here on are light, and their numbers black. */
const light = 128;

const style = '<style>.value { font-size: 9px; text-anchor: middle; } .value text { fill: inherit; }</style>';

/**
 * The channels of an image as gray pictures beside each other, the value of every pixel in its cell.
 * @param pixels uint8 `[height, width, channels]`, one channel or three
 * @throws InvalidInputError for an image of more than 64 pixels in a direction
 */
export function drawChannels(
  title: string,
  pixels: Uint8Array,
  [height, width, channels]: readonly [number, number, number],
): string {
  if (height > maxSide || width > maxSide) {
    throw new InvalidInputError(
      `image: it has ${width}x${height} pixels, and only up to ${maxSide}x${maxSide} can be drawn with their values; ` +
        `import the images with --size ${maxSide} or smaller`,
    );
  }
  const names = channels === 1 ? ['gray'] : ['red', 'green', 'blue'];
  const planes = names.map((name, channel) => ({
    name,
    x: margin + channel * (width * cell + margin),
    values: Array.from({ length: height * width }, (_, i) => pixels[i * channels + channel] ?? 0),
  }));
  return toSvg({
    width: margin + names.length * (width * cell + margin),
    height: top + height * cell + margin,
    title,
    description: `The ${width}x${height} values from 0 to 255 of ${names.join(', ')}.`,
    body: [style, ...planes.flatMap((plane) => drawPlane(plane, width))],
  });
}

interface Plane {
  name: string;
  x: number;
  values: number[];
}

/** Cells of one value are one path, which makes the file smaller. */
function drawPlane({ name, x, values }: Plane, width: number): string[] {
  const cells = new Map<number, string>();
  const numbers = { dark: '', light: '' };
  for (const [i, value] of values.entries()) {
    const [left, above] = [x + (i % width) * cell, top + Math.floor(i / width) * cell];
    cells.set(value, `${cells.get(value) ?? ''}M${left} ${above}h${cell}v${cell}h-${cell}z`);
    const number = `<text x="${left + cell / 2}" y="${above + cell / 2 + 3}">${value}</text>`;
    numbers[value < light ? 'dark' : 'light'] += number;
  }
  return [
    label(name, { x, y: 22, className: 'strong' }),
    ...[...cells].map(([value, path]) => `<path fill="rgb(${value},${value},${value})" d="${path}"/>`),
    `<g class="value" fill="#ffffff">${numbers.dark}</g>`,
    `<g class="value" fill="#000000">${numbers.light}</g>`,
  ];
}
