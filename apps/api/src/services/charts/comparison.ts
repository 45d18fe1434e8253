import type { Job } from '@trainyard/contracts';
import { wilsonInterval } from '#services/compare/statistics.js';
import { colours, escaped, formatTick, label, px, shortLabel, ticks, toSvg } from './svg.js';

const nameWidth = 190;
const plotWidth = 260;
const gap = 90;
const top = 34;
const rowHeight = 26;
const barHeight = 14;
const secondsX = nameWidth + plotWidth + gap;
const width = secondsX + plotWidth + 80;
const maxNameLetters = 26;

/** e.g. `42 s`, `3.5 min`, `2.1 h`. */
function formatSeconds(seconds: number): string {
  if (seconds < 120) return `${formatTick(Math.round(seconds * 10) / 10)} s`;
  if (seconds < 7200) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** Ticks at round numbers of the unit that suits the longest time. */
function timeTicks(longest: number): { seconds: number[]; format: (seconds: number) => string } {
  const units = [
    { size: 3600, unit: 'h' },
    { size: 60, unit: 'min' },
  ];
  const { size, unit } = units.find((each) => longest >= 2 * each.size) ?? { size: 1, unit: 's' };
  const seconds = ticks(0, longest / size, 4).map((value) => value * size);
  return { seconds, format: (value) => `${formatTick(value / size)} ${unit}` };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** The name of a job; of equal names, with the end of its id. */
export const nameOf = ({ name, architecture, id }: Pick<Job, 'name' | 'architecture' | 'id'>): string =>
  name === null || name === '' ? `${architecture} …${id.slice(-6)}` : name;

const whiskerStyle =
  '<style>.whisker { stroke: #111827; } ' +
  '@media (prefers-color-scheme: dark) { .whisker { stroke: #f3f4f6; } }</style>';

type Row = { y: number; job: Job };

function drawAccuracy({ y, job }: Row): string[] {
  const { test } = job;
  if (!test) return [label('not tested', { x: nameWidth, y: y + 12 })];
  const { low, high } = wilsonInterval(test.correct, test.total);
  const at = (share: number) => px(nameWidth + share * plotWidth);
  const middle = px(y + barHeight / 2);
  const whisker = [
    `M${at(low)},${middle}H${at(high)}`,
    ...[low, high].map((end) => `M${at(end)},${px(y + 2)}V${px(y + barHeight - 2)}`),
  ].join('');
  const hint = `${percent(test.accuracy)} (95 %: ${percent(low)} to ${percent(high)})`;
  return [
    `<rect x="${nameWidth}" y="${px(y)}" width="${px(test.accuracy * plotWidth)}" height="${barHeight}" ` +
      `fill="${colours.blue}"><title>${escaped(hint)}</title></rect>`,
    `<path d="${whisker}" class="whisker" fill="none" stroke-width="1.5"/>`,
    label(percent(test.accuracy), { x: nameWidth + high * plotWidth + 6, y: y + 12 }),
  ];
}

function drawAxis(x: number, marks: readonly number[], bottom: number, format: (value: number) => string): string[] {
  const most = marks.at(-1) ?? 1;
  return marks.flatMap((value) => {
    const at = x + (value / most) * plotWidth;
    return [
      `<line x1="${px(at)}" x2="${px(at)}" y1="${top - 6}" y2="${bottom}" class="grid"/>`,
      label(format(value), { x: at, y: bottom + 16, anchor: 'middle', className: 'small' }),
    ];
  });
}

/** Test accuracy with 95 % Wilson intervals, and seconds of training, a row for each job in the order given. */
export function drawComparison(jobs: readonly Job[]): string {
  const rows = jobs.map((job, i) => ({ job, y: top + i * rowHeight }));
  const bottom = top + jobs.length * rowHeight;
  const { seconds, format } = timeTicks(Math.max(...jobs.map(({ trainingSeconds }) => trainingSeconds), 1));
  const most = seconds.at(-1) ?? 1;
  return toSvg({
    width,
    height: bottom + 30,
    title: 'Test accuracy and training time',
    description: `${jobs.length} jobs: accuracy on the test images with 95 % Wilson intervals, and time of training.`,
    body: [
      whiskerStyle,
      label('test accuracy, with 95 % interval', { x: nameWidth, y: 18, className: 'strong' }),
      label('training time', { x: secondsX, y: 18, className: 'strong' }),
      ...drawAxis(nameWidth, [0, 0.25, 0.5, 0.75, 1], bottom, (share) => `${share * 100} %`),
      ...drawAxis(secondsX, seconds, bottom, format),
      ...rows.flatMap(({ job, y }) => [
        shortLabel(nameOf(job), maxNameLetters, { x: nameWidth - 10, y: y + 12, anchor: 'end' }),
        ...drawAccuracy({ job, y }),
        `<rect x="${secondsX}" y="${px(y)}" width="${px((job.trainingSeconds / most) * plotWidth)}" ` +
          `height="${barHeight}" fill="${colours.orange}"/>`,
        label(formatSeconds(job.trainingSeconds), {
          x: secondsX + (job.trainingSeconds / most) * plotWidth + 6,
          y: y + 12,
        }),
      ]),
    ],
  });
}
