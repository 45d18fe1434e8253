import type { EpochMetrics } from '@trainyard/contracts';
import { colours, formatTick, label, px, ticks, toSvg } from './svg.js';

/** Points of a line at most. */
const maxPoints = 1000;

const left = 52;
const top = 34;
const plotWidth = 340;
const plotHeight = 220;
const panelWidth = left + plotWidth + 20;

type Value = (epoch: EpochMetrics) => number;
interface Line {
  name: string;
  value: Value;
  colour: string;
  /** Lines differ in more than colour. */
  dash: boolean;
}

/** Evenly distributed epochs, with the last and the best one. */
function thinned(epochs: readonly EpochMetrics[], best: EpochMetrics | undefined): EpochMetrics[] {
  const every = Math.ceil(epochs.length / maxPoints);
  return epochs.filter((epoch, i) => i % every === 0 || i === epochs.length - 1 || epoch === best);
}

/** The line in pieces: a value that is no number interrupts it. A piece of one epoch is a dot. */
function drawLine(line: Line, epochs: readonly EpochMetrics[], at: (epoch: EpochMetrics, value: number) => number[]) {
  const pieces: string[][] = [[]];
  for (const epoch of epochs) {
    const value = line.value(epoch);
    if (!Number.isFinite(value)) pieces.push([]);
    else pieces.at(-1)?.push(at(epoch, value).map(px).join(','));
  }
  const dash = line.dash ? ' stroke-dasharray="5 4"' : '';
  return pieces.map((points) => {
    if (points.length === 0) return '';
    const [first = ''] = points;
    const [x, y] = first.split(',');
    if (points.length === 1) return `<circle cx="${x}" cy="${y}" r="3" fill="${line.colour}"/>`;
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${line.colour}" stroke-width="2"${dash}/>`;
  });
}

interface Panel {
  heading: string;
  lines: Line[];
  epochs: readonly EpochMetrics[];
  best: EpochMetrics | undefined;
  x: number;
}

function drawPanel({ heading, lines, epochs, best, x }: Panel): string[] {
  const values = epochs.flatMap((epoch) => lines.map(({ value }) => value(epoch))).filter(Number.isFinite);
  const marks = ticks(
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
  );
  const [low = 0, high = 1] = [marks[0], marks.at(-1)];
  const first = epochs[0]?.epoch ?? 1;
  const last = epochs.at(-1)?.epoch ?? 1;
  const toX = (epoch: number) => x + (last === first ? plotWidth / 2 : ((epoch - first) / (last - first)) * plotWidth);
  const toY = (value: number) => top + plotHeight - ((value - low) / (high - low)) * plotHeight;
  const middle = Math.round((first + last) / 2);
  const shown = [...new Set([first, middle, last])];
  const bestLine = lines[0];
  const mark = best && bestLine && Number.isFinite(bestLine.value(best)) && bestLine;
  return [
    label(heading, { x, y: 18, className: 'strong' }),
    ...marks.flatMap((value) => [
      `<line x1="${px(x)}" x2="${px(x + plotWidth)}" y1="${px(toY(value))}" y2="${px(toY(value))}" class="grid"/>`,
      label(formatTick(value), { x: x - 6, y: toY(value) + 4, anchor: 'end' }),
    ]),
    ...shown.map((epoch) => label(formatTick(epoch), { x: toX(epoch), y: top + plotHeight + 18, anchor: 'middle' })),
    ...lines.flatMap((line) => drawLine(line, epochs, ({ epoch }, value) => [toX(epoch), toY(value)])),
    ...(mark
      ? [
          `<circle cx="${px(toX(best.epoch))}" cy="${px(toY(mark.value(best)))}" r="4.5" fill="none" ` +
            `stroke="${mark.colour}" stroke-width="2"/>`,
        ]
      : []),
  ];
}

function legend(y: number): string[] {
  const entry = (x: number, name: string, line: string) => [line, label(name, { x: x + 32, y })];
  const stroke = (x: number, colour: string, dash: string) =>
    `<line x1="${x}" x2="${x + 26}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="2"${dash}/>`;
  return [
    ...entry(left, 'validation', stroke(left, colours.blue, '')),
    ...entry(left + 120, 'training', stroke(left + 120, colours.orange, ' stroke-dasharray="5 4"')),
    `<circle cx="${left + 246}" cy="${y - 4}" r="4.5" fill="none" stroke="${colours.blue}" stroke-width="2"/>`,
    label('best epoch', { x: left + 258, y }),
    label('epochs', { x: 2 * panelWidth - 20, y, anchor: 'end' }),
  ];
}

const pairOf = (validation: Value, training: Value): Line[] => [
  { name: 'validation', value: validation, colour: colours.blue, dash: false },
  { name: 'training', value: training, colour: colours.orange, dash: true },
];

/** Loss and accuracy over epochs, each in a panel. @param all one at least, in order. */
export function drawCurves(name: string, all: readonly EpochMetrics[]): string {
  const best = all.findLast((epoch) => epoch.best);
  const epochs = thinned(all, best);
  const loss = pairOf(
    (epoch) => epoch.validationLoss,
    (epoch) => epoch.trainLoss,
  );
  const accuracy = pairOf(
    (epoch) => epoch.validationAccuracy,
    (epoch) => epoch.trainAccuracy,
  );
  const last = all.at(-1);
  const shown = last && `${formatTick(last.validationLoss)} and ${formatTick(last.validationAccuracy)}`;
  return toSvg({
    width: 2 * panelWidth,
    height: top + plotHeight + 60,
    title: `Training of ${name}`,
    description: `Loss and accuracy over ${all.length} epochs; after the last one the validation has ${shown}.`,
    body: [
      ...drawPanel({ heading: 'loss', lines: loss, epochs, best, x: left }),
      ...drawPanel({ heading: 'accuracy', lines: accuracy, epochs, best, x: panelWidth + left }),
      ...legend(top + plotHeight + 46),
    ],
  });
}
