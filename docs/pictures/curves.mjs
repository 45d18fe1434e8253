#!/usr/bin/env node
/**
 * Draws the curves of runs beside each other: validation loss on the left, accuracy on the right.
 *
 *   node docs/pictures/curves.mjs lenet.csv cnn3.csv > cifar10.svg
 *
 * Each file is the CSV of GET /v1/jobs/{id}/metrics, or one that `npm run bench:accuracy -- --out` wrote: then the accuracy is
 * that of the test split, and all is drawn over seconds of training. A curve is named after its file. A dot marks the best epoch.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const colours = ['#2563eb', '#d97706', '#059669', '#9333ea', '#dc2626'];
const panel = { width: 340, height: 220, left: 46, top: 34 };

/** Rows as objects of numbers; `best` is kept as text. */
function read(file) {
  const [header, ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  const names = header.split(',');
  const rows = lines.map((line) =>
    Object.fromEntries(
      line
        .split(',')
        .map((value, i) => [names[i], names[i] === 'best' ? value === 'true' || value === '1' : Number(value)]),
    ),
  );
  return { name: basename(file, '.csv'), rows };
}

const longest = (runs, across) => Math.max(...runs.flatMap((run) => run.rows.map((row) => row[across])));

function drawPanel(runs, { title, field, across, offset, format }) {
  const values = runs.flatMap((run) => run.rows.map((row) => row[field]));
  const [begin, end] = across === 'epoch' ? [1, longest(runs, 'epoch')] : [0, longest(runs, across)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (position) => offset + panel.left + ((position - begin) / (end - begin || 1)) * panel.width;
  const y = (value) => panel.top + (1 - (value - low) / (high - low || 1)) * panel.height;
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
  runs.forEach((run, i) => {
    const colour = colours[i % colours.length];
    const points = run.rows.map((row) => `${x(row[across]).toFixed(1)},${y(row[field]).toFixed(1)}`).join(' ');
    parts.push(`<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    const best = run.rows.findLast((row) => row.best);
    if (best) parts.push(`<circle cx="${x(best[across])}" cy="${y(best[field])}" r="4" fill="${colour}"/>`);
  });
  return parts.join('\n');
}

const runs = process.argv.slice(2).map(read);
const tested = runs.every(({ rows }) => rows[0]?.testAccuracy !== undefined);
const across = tested ? 'seconds' : 'epoch';
const split = tested ? 'test' : 'validation';
const width = 2 * (panel.width + panel.left) + 40;
const height = panel.top + panel.height + 52;
const legend = runs
  .map((run, i) => {
    const left = panel.left + i * 110;
    const colour = colours[i % colours.length];
    return `<rect x="${left}" y="${height - 16}" width="12" height="4" fill="${colour}"/><text x="${left + 18}" y="${height - 10}">${run.name}</text>`;
  })
  .join('\n');

process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#6b7280">
${drawPanel(runs, { title: 'validation loss', field: 'validationLoss', across, offset: 0, format: (v) => v.toFixed(2) })}
${drawPanel(runs, { title: `${split} accuracy`, field: `${split}Accuracy`, across, offset: panel.width + panel.left + 20, format: (v) => `${Math.round(v * 100)} %` })}
${legend}
<text x="${width - 12}" y="${height - 10}" text-anchor="end">${tested ? 'seconds' : 'epoch'}; a dot is the best</text>
</svg>
`);
