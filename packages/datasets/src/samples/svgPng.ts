import sharp from 'sharp';
import { lettering, widthOf } from './lettering.js';

/** A piece of text as the service's pictures have it (`label` in apps/api's charts): no element within. */
const textElement = /<text x="([^"]+)" y="([^"]+)" text-anchor="([a-z]+)"([^>]*)>([^<]*)<\/text>/g;
const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };

/** Share of a text's width that is before its anchor. */
const before: Record<string, number> = { start: 0, middle: 0.5, end: 1 };

/**
 * One of the service's SVG pictures as a PNG in the colours of the light theme. The fonts of the system are not asked
 * for, because a container often has none.
 * @returns the file, and its size in pixels
 */
export async function svgToPng(svg: string): Promise<{ png: Buffer; width: number; height: number }> {
  const outlined = svg.replaceAll(textElement, (_, x, y, anchor, rest, content) =>
    outlineOf(Number(x), Number(y), anchor, rest, content),
  );
  const { data, info } = await sharp(Buffer.from(outlined)).png().toBuffer({ resolveWithObject: true });
  return { png: data, width: info.width, height: info.height };
}

function outlineOf(x: number, y: number, anchor: string, rest: string, content: string): string {
  const text = content.replaceAll(/&(\w+|#39);/g, (whole, name) => entities[name] ?? whole);
  const size = /class="[^"]*\bsmall\b/.test(rest) ? 10 : 12;
  const fill = rest.includes('on-colour') ? '#ffffff' : '#4b5563';
  const turn = /transform="[^"]+"/.exec(rest)?.[0] ?? '';
  const left = x - widthOf(text, size) * (before[anchor] ?? 0);
  return `<path d="${lettering(text, { x: left, y, size })}" fill="${fill}" ${turn}/>`;
}
