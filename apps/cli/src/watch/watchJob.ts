import { setTimeout as sleep } from 'node:timers/promises';
import type { TrainyardClient } from '@trainyard/client';
import type { Job } from '@trainyard/contracts';
import type { Context } from '../context.js';
import { exitCodeOfJob } from '../exitCodes.js';
import { formatProgress } from '../format/epochs.js';
import { formatExecutor, formatQueuePosition, formatSubject, formatSummary, paintState } from '../format/jobs.js';
import { formatDuration, formatValidation } from '../format/numbers.js';
import { formatOverall } from '../format/results.js';
import { printable, type Terminal } from '../terminal.js';
import { JobStory } from './JobStory.js';

const pollMs = 1000;

/**
 * Follows a job to its end: a line an event, on a TTY a progress bar below them, with `--json` an event a line. Sets
 * the exit code to the job's. Ctrl-C ends the watching; the job goes on.
 */
export async function watchJob(context: Context, client: TrainyardClient, id: string): Promise<void> {
  const { terminal, json } = context;
  const job = await client.job(id);
  if (!json)
    for (const line of [job.id, `  ${formatSubject(job)}`, `  ${formatSummary(job)}`, ''])
      terminal.print(printable(line));
  const ended = await context.interruptible(async (signal) => {
    await follow(client, job, context, signal);
    return client.job(id);
  });
  if (ended === null) return terminal.warn(`the job goes on; see it again with: trainyard watch ${id}`);
  context.exitCode = exitCodeOfJob(ended.state);
  if (!json) for (const line of formatEnd(ended, terminal)) terminal.print(line);
}

/** Prints every event until the stream ends. @throws the signal's reason when it was aborted before. */
async function follow(
  client: TrainyardClient,
  job: Job,
  { terminal, json }: Context,
  signal: AbortSignal,
): Promise<void> {
  const story = new JobStory(job, terminal);
  const ended = new AbortController();
  const drawing =
    json || !terminal.isTTY ? null : drawProgress(client, job.id, terminal, AbortSignal.any([signal, ended.signal]));
  try {
    for await (const event of client.events(job.id, { signal })) {
      for (const line of json ? [JSON.stringify(event)] : story.lines(event)) terminal.print(line);
    }
  } finally {
    ended.abort();
    await drawing;
  }
  signal.throwIfAborted();
}

/**
 * Polls the progress between two events, which come once an epoch. A failed request is ignored and repeated: the
 * stream of events reports a service that stays away.
 */
async function drawProgress(
  client: TrainyardClient,
  id: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const job = await client.job(id).catch(() => null);
    if (job && !signal.aborted) terminal.status(formatStatus(job, terminal.columns));
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
  terminal.status('');
}

export function formatStatus({ state, progress, best, queuePosition }: Job, width: number): string {
  if (state === 'queued')
    return queuePosition ? `queued, ${formatQueuePosition(queuePosition)} before it` : 'queued, next to start';
  return state === 'running' && progress ? formatProgress(progress, best, width) : state;
}

/** How it ended, and what to type next. */
function formatEnd(job: Job, terminal: Terminal): string[] {
  const took = job.trainingSeconds > 0 ? ` after ${formatDuration(job.trainingSeconds)}` : '';
  const on = job.executor ? ` on ${printable(formatExecutor(job.executor))}` : '';
  const lines = ['', `${paintState(terminal, job.state)}${took}${on}`];
  if (job.failure && job.state === 'failed')
    lines.push(`  ${printable(job.failure.message)} (${printable(job.failure.code)})`);
  if (job.best) lines.push(`  best: epoch ${job.best.epoch}, validation loss ${formatValidation(job.best)}`);
  if (job.test) lines.push(`  ${formatOverall(job.test)}${job.test.partial ? ', of the best weights' : ''}`);
  if (job.test) lines.push('', `trainyard results ${job.id}`);
  if (job.test && job.kind !== 'test') lines.push(`trainyard download ${job.id}`);
  return lines;
}
