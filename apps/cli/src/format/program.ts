import type { OperandOutline, OpOutline, ProgramOutline } from '@trainyard/program';
import type { Training } from '@trainyard/training';
import { counted, formatBytes, formatCount } from './numbers.js';
import { type Column, formatTable } from './table.js';

/** An operand's row, with the place that it shares with another of the op. */
interface Row extends OperandOutline {
  arrow: '<-' | '->' | '<>';
  over: string | null;
}

const columns: Column<Row>[] = [
  { title: '', cell: ({ arrow, operand }) => `${arrow} ${operand}` },
  { title: 'slot', cell: ({ slot }) => shortened(slot), elastic: 'end' },
  { title: 'shape', cell: shapeOf, align: 'right' },
  { title: 'size', cell: ({ bytes }) => formatBytes(bytes), align: 'right' },
  { title: 'at', cell: placeOf, align: 'right' },
];

/** Names differ most at their ends: `batch_normalization_1/gamma` becomes `bat…lization_1/gamma`. */
const shortened = (name: string): string => (name.length <= 19 ? name : `${name.slice(0, 3)}…${name.slice(-15)}`);

function shapeOf({ shape, dtype }: Row): string {
  return `${shape.join('x') || 'scalar'}${dtype === 'f32' ? '' : ` ${dtype}`}`;
}

function placeOf({ role, offset, over }: Row): string {
  if (role !== 'transient') return role === 'feed' ? 'fed' : 'kept';
  return over === null ? formatCount(offset ?? 0) : `=${over}`;
}

/**
 * The program of a training step: its ops in order, each with what it does the work of, its settings, and a line a slot
 * that it reads (<-), writes (->) or updates (<>), with the place in the plan of memory.
 */
export function formatProgram(outline: ProgramOutline, { spec, model }: Training, width = 80): string[] {
  const { ops, dropped } = outline;
  const rows = ops.map(rowsOf);
  const [heading = '', ...lines] = formatTable(columns, rows.flat(), width);
  let next = 0;
  const blocks = ops.flatMap((op, position) => {
    const own = lines.slice(next, next + (rows[position]?.length ?? 0));
    next += own.length;
    return ['', ...titleOf(op, position, width), ...own];
  });
  const built = ops.reduce((sum, { replaces }) => sum + replaces.length, dropped.length);
  const unneeded = dropped.length === 0 ? '' : `, ${dropped.length} of which were not needed`;
  return [
    `One step of ${model.name} on ${counted(spec.batchSize, 'image')}, as the native executor runs it on a CPU.`,
    '<- reads, -> writes, <> updates; f32 where nothing else is said. at: the first',
    'byte in the block that a step works in (=x: over x); kept: outlives the step.',
    '',
    heading,
    ...blocks,
    '',
    `${counted(ops.length, 'op')} do the work of ${formatCount(built)}${unneeded}`,
    `${formatCount(outline.transientBytes)} bytes within the step, ` +
      `${formatCount(outline.persistentBytes)} kept, ${formatCount(outline.feedBytes)} fed`,
  ];
}

function rowsOf({ reads, writes, updates }: OpOutline): Row[] {
  const over = ({ offset }: OperandOutline) => reads.find((read) => offset !== null && read.offset === offset)?.operand;
  return [
    ...reads.map((operand): Row => ({ ...operand, arrow: '<-', over: null })),
    ...writes.map((operand): Row => ({ ...operand, arrow: '->', over: over(operand) ?? null })),
    ...updates.map((operand): Row => ({ ...operand, arrow: '<>', over: null })),
  ];
}

/** e.g. `3  convReluPool, for conv2d + activation + maxPool`, and its settings below. */
function titleOf({ kind, replaces, settings }: OpOutline, position: number, width: number): string[] {
  const fused = replaces.length > 1 ? `, for ${replaces.join(' + ')}` : '';
  const set = Object.entries(settings).map(([name, value]) => `${name} ${plain(value)}`);
  return [...wrap(`${position}  ${kind}${fused}`, width, '     '), ...wrap(set.join('; '), width, '     ', '   ')];
}

/** `{"kind":"relu"}` without its marks: `kind relu`. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(' ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .filter(([, inner]) => inner !== null)
    .map(([name, inner]) => `${name} ${plain(inner)}`)
    .join(', ');
}

/** Lines of at most `width` characters, broken between words. */
function wrap(text: string, width: number, hanging: string, first = ''): string[] {
  if (text === '') return [];
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = hanging + word;
    } else {
      line += line.trim() === '' ? word : ` ${word}`;
    }
  }
  return [...lines, line];
}
