import sharp from 'sharp';
import { expect, it } from 'vitest';
import { svgToPng } from '../../src/index.js';

const picture = (body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><path d="M0 0h90v30H0z" fill="#fff"/>${body}</svg>`;
const inkOf = async (body: string): Promise<number[]> => {
  const { png, width, height } = await svgToPng(picture(body));
  const { data, info } = await sharp(png).greyscale().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([width, height]);
  return Array.from({ length: 90 }, (_, x) =>
    Math.max(...Array.from({ length: 30 }, (_, y) => 255 - (data[y * 90 + x] ?? 0))),
  );
};

it('text is drawn from its anchor on without a font of the system, also where it has entities', async () => {
  const [start, end] = [await inkOf(text('start', 'a&lt;b')), await inkOf(text('end', 'a&lt;b'))];
  const columns = (ink: number[]) => ink.flatMap((value, x) => (value > 60 ? [x] : []));
  expect(Math.min(...columns(start))).toBeGreaterThanOrEqual(45);
  expect(Math.max(...columns(end))).toBeLessThanOrEqual(45);
  expect(columns(start).length).toBe(columns(end).length);
  // "a&lt;b" letter by letter would be twice as wide.
  expect(Math.max(...columns(start)) - 45).toBeLessThan(30);
});

const text = (anchor: string, content: string): string =>
  `<text x="45" y="20" text-anchor="${anchor}">${content}</text>`;
