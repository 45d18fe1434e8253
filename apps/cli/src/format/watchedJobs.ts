import type { Job, JobState } from '@trainyard/contracts';
import { printable, type Terminal } from '../terminal.js';
import { accuracyOf, epochOf, formatForecast, paintState } from './jobs.js';
import { formatDuration, formatLoss } from './numbers.js';
import { type Column, formatTable } from './table.js';

const columns: Column<Job>[] = [
  { title: 'job', cell: ({ id }) => id },
  { title: 'state', cell: ({ state }) => state },
  { title: 'epoch', cell: epochOf, align: 'right' },
  { title: 'accuracy', cell: accuracyOf, align: 'right' },
  { title: 'loss', cell: lossOf, align: 'right' },
  { title: 'time left', cell: (job) => timeLeft(job) ?? '', align: 'right' },
  { title: 'name', cell: nameOf, elastic: 'end' },
];

/** What is going on comes first. */
const order: JobState[] = ['running', 'pausing', 'cancelling', 'queued', 'paused'];

/**
 * The jobs that have not ended as a table that fits into the window, below it how many of all jobs are in which state.
 * @param all the states of the jobs that have ended, too
 */
export function formatBoard(
  open: readonly Job[],
  all: readonly JobState[],
  { columns: width, rows }: Terminal,
): string {
  const sorted = open.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  // Besides them headings, the states, and the line of the cursor.
  const room = Math.max(rows - 3, 1);
  const left = sorted.length - room;
  const more = left > 0 ? `, ${left} of them not shown` : '';
  return [...formatTable(columns, sorted.slice(0, room), width), `${formatStates(all)}${more}`].join('\n');
}

/** e.g. `3 succeeded, 1 running, 12 queued` */
export function formatStates(states: readonly JobState[]): string {
  const counts = new Map<JobState, number>();
  for (const state of ['succeeded', 'failed', 'cancelled', ...order] as const)
    counts.set(state, states.filter((each) => each === state).length);
  return [...counts].flatMap(([state, count]) => (count > 0 ? [`${count} ${state}`] : [])).join(', ');
}

/** A job as one line, e.g. `job_…  running  epoch 3/30  accuracy ~48.9 %  loss 1.3987  2 min 5 s left`. */
export function formatWatched(job: Job, terminal: Terminal): string {
  const parts: [before: string, value: string | null][] = [
    ['epoch ', epochOf(job)],
    ['accuracy ', accuracyOf(job)],
    ['loss ', lossOf(job)],
    ['', job.state === 'queued' && job.forecast ? formatForecast(job.forecast) : null],
    ['time left ', job.state === 'running' ? timeLeft(job) : null],
    ['after ', job.terminal && job.trainingSeconds > 0 ? formatDuration(job.trainingSeconds) : null],
    ['', job.state === 'failed' && job.failure ? `${job.failure.message} (${job.failure.code})` : null],
    ['', nameOf(job)],
  ];
  const texts = parts.flatMap(([before, value]) => (value ? [printable(before + value)] : []));
  return [job.id, paintState(terminal, job.state), ...texts].join('  ');
}

function nameOf({ name, architecture }: Job): string {
  return name ?? architecture;
}

/** Where `accuracyOf` is from. */
function lossOf({ test, best }: Job): string {
  if (test) return formatLoss(test.loss);
  return best ? formatLoss(best.validationLoss) : '';
}

/** By the pace of the job itself, before its first steps by its forecast, marked as such. Null: neither is known. */
function timeLeft({ state, progress, forecast, createdAt, startedAt }: Job): string | null {
  if (state === 'running' && progress?.etaSeconds != null) return formatDuration(progress.etaSeconds);
  const { startSeconds, runSeconds } = forecast ?? {};
  if (!runSeconds || !['queued', 'running'].includes(state)) return null;
  const secondsSince = (time: string) => (Date.now() - Date.parse(time)) / 1000;
  const left =
    startedAt === null
      ? Math.max((startSeconds?.p50 ?? 0) - secondsSince(createdAt), 0) + runSeconds.p50
      : runSeconds.p50 - secondsSince(startedAt);
  return left > 0 ? `~${formatDuration(left)}` : null;
}
