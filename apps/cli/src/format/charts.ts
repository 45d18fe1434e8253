import { printable } from '../terminal.js';

/*
 * Curves of characters. Those of simple-ascii-chart and asciichart differ in colour alone, and the first fails where a
 * value is no number.
 */

/** How a terminal shows a chart. */
export interface ChartStyle {
  /** Columns. */
  width: number;
  /** Braille and blocks; else ASCII. */
  unicode: boolean;
  /** The text in the colour of the curve with this index, where there are colours. */
  colour?: (text: string, index: number) => string;
}

export interface Curve {
  /** Stands at the end of the curve; in ASCII, its first character also draws it. */
  label: string;
  points: readonly { x: number; y: number }[];
}

interface Cell {
  /** Of braille: bits of the dots; in ASCII not 0 where there is a point. */
  dots: number;
  /** The curve that was drawn last. */
  curve: number;
}

const rows = 9;
/** Of the labels of curves that end in one row. */
const maxLabelWidth = 24;
/** Bits of the dots of a braille character, `[row][column]`. */
const braille = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];
/** Dots of which so many, of each so many, are drawn: curves differ in more than colour. */
const dashes: [drawn: number, of: number][] = [
  [1, 1],
  [3, 6],
  [1, 4],
];

/**
 * Curves over a common axis, under a title. A value that is no number interrupts its curve. No lines where none is a
 * number.
 */
export function formatCurves(
  title: string,
  curves: readonly Curve[],
  axis: { name: string; format: (y: number) => string },
  style: ChartStyle,
): string[] {
  const finite = curves.map(({ points }) => points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)));
  const all = finite.flat();
  if (all.length === 0) return [];
  const [left, right] = [
    all.reduce((a, { x }) => Math.min(a, x), Infinity),
    all.reduce((a, { x }) => Math.max(a, x), 0),
  ];
  const [low, high] = rangeOf(all.map(({ y }) => y));
  const middle = (rows - 1) / 2;
  const heights = new Map([
    [0, axis.format(high)],
    [middle, axis.format((low + high) / 2)],
    [rows - 1, axis.format(low)],
  ]);
  const margin = Math.max(...[...heights.values()].map((text) => text.length));
  const labels = endLabels(curves, finite, (y) => Math.round(((high - y) / (high - low)) * (rows - 1)));
  const labelWidth = Math.max(...labels.map((text) => text.length));
  const columns = Math.max(10, style.width - margin - labelWidth - 4);
  const [across, down] = style.unicode ? [columns * 2, rows * 4] : [columns, rows];
  const cells = draw(curves, {
    across,
    down,
    toX: (x) => (right === left ? (across - 1) / 2 : ((x - left) / (right - left)) * (across - 1)),
    toY: (y) => ((high - y) / (high - low)) * (down - 1),
    unicode: style.unicode,
  });
  const lines = cells.map((line, row) => {
    const drawn = line.map((cell) => (cell.dots === 0 ? ' ' : paint(symbolOf(cell, curves, style), cell.curve, style)));
    const start = `${(heights.get(row) ?? '').padStart(margin)} ${style.unicode ? '┤' : '|'}`;
    return `${start}${drawn.join('')} ${labels[row]}`.trimEnd();
  });
  const ends = [String(left), right === left ? '' : String(right)];
  const between = Math.max(1, columns - (ends[0]?.length ?? 0) - (ends[1]?.length ?? 0) - axis.name.length);
  const name = `${' '.repeat(Math.floor(between / 2))}${axis.name}${' '.repeat(Math.ceil(between / 2))}`;
  return [
    title,
    ...lines,
    `${' '.repeat(margin + 1)}${style.unicode ? `└${'─'.repeat(columns)}` : `+${'-'.repeat(columns)}`}`,
    `${' '.repeat(margin + 2)}${ends[0]}${name}${ends[1]}`.trimEnd(),
  ];
}

/** The lowest and the highest value, or where they are one, some way below and above. */
function rangeOf(values: readonly number[]): [low: number, high: number] {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  // Rounded numbers, too, would be one.
  const room = high - low > 1e-6 * Math.abs(high) ? 0 : Math.abs(low) / 10 || 0.1;
  return [low - room, high + room];
}

/** The labels of each row: a curve's is where it ends. */
function endLabels(curves: readonly Curve[], finite: readonly Curve['points'][], rowOf: (y: number) => number) {
  const labels = Array.from({ length: rows }, (): string[] => []);
  for (const [i, points] of finite.entries()) {
    const last = points.at(-1);
    if (last) labels[rowOf(last.y)]?.push(printable(curves[i]?.label ?? ''));
  }
  return labels.map((names) => {
    const text = names.join(' ');
    return text.length > maxLabelWidth ? `${text.slice(0, maxLabelWidth - 3)}...` : text;
  });
}

const paint = (text: string, index: number, { colour }: ChartStyle): string => (colour ? colour(text, index) : text);

const symbolOf = ({ dots, curve }: Cell, curves: readonly Curve[], { unicode }: ChartStyle): string =>
  unicode ? String.fromCharCode(0x2800 + dots) : (printable(curves[curve]?.label ?? '')[0] ?? '*');

interface Plane {
  /** Dots, from the left and from above. */
  across: number;
  down: number;
  toX: (x: number) => number;
  toY: (y: number) => number;
  unicode: boolean;
}

/** Lines from each point to the next; those after the first curve are dashed. */
function draw(curves: readonly Curve[], { across, down, toX, toY, unicode }: Plane): Cell[][] {
  const [wide, tall] = unicode ? [2, 4] : [1, 1];
  const cells = Array.from({ length: down / tall }, () =>
    Array.from({ length: across / wide }, (): Cell => ({ dots: 0, curve: 0 })),
  );
  for (const [curve, { points }] of curves.entries()) {
    const [drawn, of] = (unicode && dashes[curve % dashes.length]) || [1, 1];
    let before: { x: number; y: number } | null = null;
    let step = 0;
    for (const { x, y } of points) {
      const to = { x: toX(x), y: toY(y) };
      const isNumber = Number.isFinite(to.x) && Number.isFinite(to.y);
      const from: { x: number; y: number } = before ?? to;
      const steps = isNumber ? Math.max(1, Math.ceil(Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y)))) : 0;
      for (let i = before ? 1 : steps; i <= steps && isNumber; i++) {
        if (step++ % of >= drawn) continue;
        const px = Math.round(from.x + ((to.x - from.x) * i) / steps);
        const py = Math.round(from.y + ((to.y - from.y) * i) / steps);
        const cell = cells[Math.floor(py / tall)]?.[Math.floor(px / wide)];
        if (!cell) continue;
        cell.dots |= unicode ? (braille[py % 4]?.[px % 2] ?? 0) : 1;
        cell.curve = curve;
      }
      before = isNumber ? to : null;
    }
  }
  return cells;
}
