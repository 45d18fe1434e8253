import type { ImagePredictionsAnswer } from '@trainyard/contracts';
import { formatShare } from './bars.js';
import type { ChartStyle } from './charts.js';
import { formatPercent } from './numbers.js';
import { type Column, formatTable } from './table.js';

interface Row {
  file: string;
  name: string;
  probability: number;
}

const barWidth = 20;

const columns = (style: ChartStyle): Column<Row>[] => [
  { title: 'image', cell: ({ file }) => file, elastic: 'start' },
  { title: 'class', cell: ({ name }) => name, elastic: 'end' },
  { title: 'probability', cell: ({ probability }) => formatPercent(probability, 2), align: 'right' },
  { title: '', cell: ({ probability }) => formatShare(probability, { ...style, width: barWidth }) },
];

/** The classes of images, the most probable first, and the network that was asked. */
export function formatClasses({ model, predictions }: ImagePredictionsAnswer, style: ChartStyle): string[] {
  const rows = predictions.flatMap(({ file, classes }) =>
    classes.map(({ class: name, probability }, i) => ({ file: i === 0 ? (file ?? '') : '', name, probability })),
  );
  const { jobId, epoch, architecture, weightsSha256 } = model;
  const from = `${architecture} of ${jobId}, epoch ${epoch}, weights ${weightsSha256.slice(0, 12)}`;
  return [...formatTable(columns(style), rows, style.width), from];
}
