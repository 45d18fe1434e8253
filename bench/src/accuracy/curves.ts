/**
 * Draws the curves of runs beside each other: validation loss on the left, accuracy on the right.
 *
 *   npm run --silent bench:curves -- lenet.csv cnn3.csv > cifar10.svg
 *
 * Each file is the CSV of GET /v1/jobs/{id}/metrics; or one that `npm run bench:accuracy -- --out` wrote, which makes
 * the accuracy that of the test split, and the horizontal axis seconds of training. A curve is named after its file. A
 * dot marks the best epoch.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'csv-parse/sync';

interface Curve {
  name: string;
  rows: Record<string, number>[];
  best: Record<string, number> | undefined;
}

interface Panel {
  title: string;
  /** Column on the vertical axis. */
  field: string;
  /** Column on the horizontal axis: `epoch` or `seconds`. */
  across: string;
  /** Of the panel's left end, in pixels. */
  offset: number;
  format: (value: number) => string;
}

const colours = ['#2563eb', '#d97706', '#059669', '#9333ea', '#dc2626'];
const panel = { width: 340, height: 220, left: 46, top: 34 };

const curves = process.argv.slice(2).map(readCurve);
if (curves.length === 0) {
  console.error('name one or more CSV files of metrics');
  process.exitCode = 2;
} else process.stdout.write(draw(curves));

function readCurve(file: string): Curve {
  const texts: Record<string, string>[] = parse(readFileSync(file), { columns: true });
  const rows = texts.map((row) => Object.fromEntries(Object.entries(row).map(([name, text]) => [name, Number(text)])));
  const best = texts.findLastIndex((row) => row.best === 'true' || row.best === '1');
  return { name: basename(file, '.csv'), rows, best: rows[best] };
}

function draw(all: Curve[]): string {
  const tested = all.every(({ rows }) => rows[0]?.testAccuracy !== undefined);
  const across = tested ? 'seconds' : 'epoch';
  const split = tested ? 'test' : 'validation';
  const width = 2 * (panel.width + panel.left) + 40;
  const height = panel.top + panel.height + 52;
  const loss = { title: 'validation loss', field: 'validationLoss', offset: 0, format: (v: number) => v.toFixed(2) };
  const accuracy = {
    title: `${split} accuracy`,
    field: `${split}Accuracy`,
    offset: panel.width + panel.left + 20,
    format: (v: number) => `${Math.round(v * 100)} %`,
  };
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  const font = 'font-family="system-ui, sans-serif" font-size="12" fill="#6b7280"';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${font}>
${drawPanel(all, { ...loss, across })}
${drawPanel(all, { ...accuracy, across })}
${drawLegend(all, height)}
<text x="${width - 12}" y="${height - 10}" text-anchor="end">${across}; a dot is the best</text>
</svg>
`;
}

function drawPanel(all: Curve[], { title, field, across, offset, format }: Panel): string {
  const values = all.flatMap(({ rows }) => rows.map((row) => row[field] ?? Number.NaN));
  const begin = across === 'epoch' ? 1 : 0;
  const end = Math.max(...all.flatMap(({ rows }) => rows.map((row) => row[across] ?? 0)));
  const low = Math.min(...values);
  const high = Math.max(...values);
  const x = (position = 0) => offset + panel.left + ((position - begin) / (end - begin || 1)) * panel.width;
  const y = (value = 0) => panel.top + (1 - (value - low) / (high - low || 1)) * panel.height;
  const parts = [`<text x="${offset + panel.left}" y="18" font-weight="600">${title}</text>`];
  for (let i = 0; i <= 4; i++) {
    const value = low + ((high - low) * i) / 4;
    parts.push(
      `<line x1="${x(begin)}" x2="${x(end)}" y1="${y(value)}" y2="${y(value)}" stroke="#8884"/>`,
      `<text x="${x(begin) - 6}" y="${y(value) + 4}" text-anchor="end">${format(value)}</text>`,
    );
  }
  for (const position of [begin, (begin + end) / 2, end].map(Math.round))
    parts.push(`<text x="${x(position)}" y="${panel.top + panel.height + 18}" text-anchor="middle">${position}</text>`);
  for (const [i, { rows, best }] of all.entries()) {
    const colour = colours[i % colours.length];
    const points = rows.map((row) => `${x(row[across]).toFixed(1)},${y(row[field]).toFixed(1)}`).join(' ');
    parts.push(`<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    if (best) parts.push(`<circle cx="${x(best[across])}" cy="${y(best[field])}" r="4" fill="${colour}"/>`);
  }
  return parts.join('\n');
}

function drawLegend(all: Curve[], height: number): string {
  const entries = all.map(({ name }, i) => {
    const left = panel.left + i * 110;
    const mark = `<rect x="${left}" y="${height - 16}" width="12" height="4" fill="${colours[i % colours.length]}"/>`;
    return `${mark}<text x="${left + 18}" y="${height - 10}">${name}</text>`;
  });
  return entries.join('\n');
}
