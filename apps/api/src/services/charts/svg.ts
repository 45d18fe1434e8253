/*
 * What the pictures share: text that cannot be markup, a document whose colours follow the viewer's light or dark
 * theme, and axes.
 */

/** Okabe and Ito's colours (2008), which people with any form of colour blindness can distinguish. */
export const colours = { blue: '#0072b2', orange: '#d55e00', green: '#009e73' } as const;

/** What XML 1.0 has no way to write (2.2): NUL and other control characters, halves of surrogate pairs. */
const unwritable = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escaped = (text: string): string =>
  text.replace(unwritable, '\ufffd').replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** What is about twice as wide as a Latin letter: East Asian scripts and emoji. */
const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}！-｠]/u;
const segmenter = new Intl.Segmenter();

/** As people see them: with their accents and joined signs. */
const charactersOf = (text: string): string[] => Array.from(segmenter.segment(text), ({ segment }) => segment);
const lettersOf = (character: string): number => (wide.test(character) ? 2 : 1);

/** Width in Latin letters, about: only the viewer knows the font. */
export const widthInLetters = (text: string): number =>
  charactersOf(text).reduce((sum, character) => sum + lettersOf(character), 0);

/** At most `letters` wide; the beginning and an ellipsis where the text is wider. */
export function shortened(text: string, letters: number): string {
  if (widthInLetters(text) <= letters) return text;
  let [kept, left] = ['', letters - 1];
  for (const character of charactersOf(text)) {
    left -= lettersOf(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Coordinates with a tenth of a pixel. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);

export interface Picture {
  /** Pixels. */
  width: number;
  height: number;
  title: string;
  description: string;
  /** Markup. */
  body: string[];
}

const style = `
text { fill: #4b5563; } .strong { font-weight: 600; } .small { font-size: 10px; } .grid { stroke: #8884; }
.paper { fill: #ffffff; } .on-colour { fill: #ffffff; }
@media (prefers-color-scheme: dark) { text { fill: #c9d1d9; } .paper { fill: #0d1117; } .on-colour { fill: #ffffff; } }
`;

export const toSvg = ({ width, height, title, description, body }: Picture): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
      'role="img" font-family="system-ui, sans-serif" font-size="12">',
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(description)}</desc>`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...body,
    '</svg>\n',
  ].join('\n');

export interface Label {
  x: number;
  y: number;
  anchor?: 'start' | 'middle' | 'end';
  className?: string;
  /** Degrees. */
  turn?: number;
}

export function label(text: string, { x, y, anchor = 'start', className, turn }: Label): string {
  const turned = turn === undefined ? '' : ` transform="rotate(${turn} ${px(x)} ${px(y)})"`;
  const named = className === undefined ? '' : ` class="${className}"`;
  return `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}"${named}${turned}>${escaped(text)}</text>`;
}

/** A label of at most `letters`; of a longer text, viewers show the whole as the title of its beginning. */
export function shortLabel(text: string, letters: number, place: Label): string {
  const shown = shortened(text, letters);
  if (shown === text) return label(text, place);
  return `<g><title>${escaped(text)}</title>${label(shown, place)}</g>`;
}

/** About `count` round numbers that cover the range: multiples of 1, 2 or 5 times a power of ten. */
export function ticks(low: number, high: number, count = 5): number[] {
  const span = high > low ? high - low : Math.abs(low) || 1;
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => span / size <= count) ?? power * 10;
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** e.g. `1,200`, `0.25`, `1e-7`. */
export function formatTick(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e7)) return value.toExponential();
  return value.toLocaleString('en', { maximumFractionDigits: 6 });
}
