import type { TestResults } from '@trainyard/contracts';
import { colours, escaped, label, px, shortLabel, toSvg, widthInLetters } from './svg.js';

/** Pixels of the matrix, divided among the classes; a cell has 3 at least and 44 at most. */
const matrixPixels = 600;
/** With more classes, cells have no title of their own: it would be most of the file. */
const maxTitledClasses = 100;
const maxNameLetters = 16;
/** Between two names of classes; where cells are smaller, not every class is named. */
const namePixels = 11;
/** Of a Latin letter. */
const labelPixels = 7;

/**
 * The confusion matrix: rows are the true classes, columns the predicted ones. A cell's colour is as strong as its
 * share of its row: blue where the prediction is right, orange elsewhere.
 */
export function drawConfusion(name: string, { classes, confusion, correct, total }: TestResults): string {
  const cell = Math.max(3, Math.min(44, Math.floor(matrixPixels / Math.max(1, classes.length))));
  const letters = classes.map(({ class: text }) => Math.min(maxNameLetters, widthInLetters(text)));
  const longest = Math.max(4, ...letters) * labelPixels + 16;
  const size = cell * classes.length;
  const [left, top] = [longest + 20, longest + 40];
  const every = Math.ceil(namePixels / cell);
  const named = classes.map(({ class: text }, i) => ({ text, i })).filter(({ i }) => i % every === 0);
  const look = cell < 14 ? { className: 'small' } : {};
  const middle = (i: number) => (i + 0.5) * cell;
  return toSvg({
    // The last name leans over the edge of the matrix.
    width: Math.max(left + size + 20 + longest / 2, 360),
    height: top + size + 20,
    title: `Confusion matrix of ${name}`,
    description: `${correct} of ${total} test images are predicted right, of ${classes.length} classes.`,
    body: [
      label('predicted', { x: left + size / 2, y: 18, anchor: 'middle', className: 'strong' }),
      label('true', { x: 16, y: top + size / 2, anchor: 'middle', className: 'strong', turn: -90 }),
      `<rect x="${left}" y="${top}" width="${size}" height="${size}" fill="none" class="grid"/>`,
      ...named.flatMap(({ text, i }) => [
        shortLabel(text, maxNameLetters, { x: left - 6, y: top + middle(i) + 4, anchor: 'end', ...look }),
        shortLabel(text, maxNameLetters, { x: left + middle(i) + 4, y: top - 6, turn: -60, ...look }),
      ]),
      ...confusion.flatMap((row, i) => drawRow(row, i, { left, top, cell, classes })),
    ],
  });
}

interface Grid {
  left: number;
  top: number;
  cell: number;
  classes: TestResults['classes'];
}

/** Cells without images are left out. */
function drawRow(row: readonly number[], i: number, { left, top, cell, classes }: Grid): string[] {
  const total = row.reduce((a, b) => a + b, 0);
  return row.flatMap((count, j) => {
    if (count === 0) return [];
    const share = count / total;
    const [x, y] = [left + j * cell, top + i * cell];
    const colour = i === j ? colours.blue : colours.orange;
    // Even one image of a thousand can be seen.
    const fill = `fill="${colour}" fill-opacity="${px((0.12 + 0.88 * share) * 100)}%"`;
    const hint = `${classes[i]?.class} predicted as ${classes[j]?.class}: ${count} of ${total}`;
    const title = classes.length > maxTitledClasses ? '' : `<title>${escaped(hint)}</title>`;
    const text = {
      x: x + cell / 2,
      y: y + cell / 2 + 4,
      anchor: 'middle' as const,
      className: share > 0.5 ? 'small on-colour' : 'small',
    };
    const fits = String(count).length * labelPixels <= cell && cell >= 14;
    return [
      `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" ${fill}>${title}</rect>`,
      ...(fits ? [label(String(count), text)] : []),
    ];
  });
}
