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

/** At most `length` characters, the last of them an ellipsis where there were more. */
export function shortened(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
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
