/// <reference path="./opentype.d.ts" />

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype, { type Font, type PathCommand } from 'opentype.js';

/*
 * Text as outlines of Noto Sans, which is installed with this package: libvips draws text with the fonts of the system,
 * and a container often has none.
 */

/** Parts of the font with the characters that they may have. A part is read when a character needs it. */
const parts: [part: string, characters: RegExp][] = [
  ['latin', /./su],
  ['latin-ext', /\p{Script=Latin}/u],
  ['vietnamese', /\p{Script=Latin}/u],
  ['cyrillic', /\p{Script=Cyrillic}/u],
  ['cyrillic-ext', /\p{Script=Cyrillic}/u],
  ['greek', /\p{Script=Greek}/u],
  ['greek-ext', /\p{Script=Greek}/u],
];

const require = createRequire(import.meta.url);
const fonts = new Map<string, Font>();

function fontOf(part: string): Font {
  const known = fonts.get(part);
  if (known) return known;
  const file = readFileSync(require.resolve(`@fontsource/noto-sans/files/noto-sans-${part}-400-normal.woff`));
  const font = opentype.parse(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
  fonts.set(part, font);
  return font;
}

/** The part that has the character. */
const partOf = (character: string): string | undefined =>
  parts.find(([part, characters]) => characters.test(character) && fontOf(part).charToGlyphIndex(character) > 0)?.[0];

/** A character that no part has is drawn as a box. */
function glyphOf(character: string) {
  const font = fontOf(partOf(character) ?? 'latin');
  return { glyph: font.charToGlyph(character), unitsPerEm: font.unitsPerEm };
}

/** Whether the font has every character: those of Latin, Greek and Cyrillic scripts. */
export const isWritable = (text: string): boolean =>
  [...text.normalize('NFC')].every((character) => partOf(character) !== undefined);

const glyphsOf = (text: string) => [...text.normalize('NFC')].map(glyphOf);

/** @param size pixels of an em; the width is in pixels, too */
export const widthOf = (text: string, size: number): number =>
  glyphsOf(text).reduce((sum, { glyph, unitsPerEm }) => sum + ((glyph.advanceWidth ?? 0) / unitsPerEm) * size, 0);

const coordinates = ['x1', 'y1', 'x2', 'y2', 'x', 'y'] as const;

/** `toPathData` of opentype.js 2.0 makes NaN of coordinates that are almost 0. */
const pathData = (commands: readonly PathCommand[]): string =>
  commands
    .map(({ type, ...ends }) => type + coordinates.flatMap((key) => ends[key]?.toFixed(2) ?? []).join(' '))
    .join('');

/** The outlines of a text as data of an SVG path. `x` is its left end, `y` its baseline. */
export function lettering(text: string, { x, y, size }: { x: number; y: number; size: number }): string {
  let at = x;
  return glyphsOf(text)
    .map(({ glyph, unitsPerEm }) => {
      const outline = pathData(glyph.getPath(at, y, size).commands);
      at += ((glyph.advanceWidth ?? 0) / unitsPerEm) * size;
      return outline;
    })
    .join('');
}

/** The text, or where it is wider than `width` pixels, its beginning and an ellipsis. */
export function shortenedTo(width: number, text: string, size: number): string {
  if (widthOf(text, size) <= width) return text;
  const characters = [...text];
  while (characters.length > 0 && widthOf(`${characters.join('')}…`, size) > width) characters.pop();
  return `${characters.join('')}…`;
}
