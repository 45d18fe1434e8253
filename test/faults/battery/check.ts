import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Span } from './faults/index.js';
import { type CheckpointRow, type JobRow, readJobs } from './history.js';
import type { Machines } from './machines.js';
import { problemsOfStory } from './story.js';

export interface Known {
  /** Jobs that were accepted, and when: from the request to its answer. */
  submitted: Map<string, Span>;
  deleted: Map<string, Span>;
  /** Keys of checkpoints whose files were truncated. */
  truncated: Set<string>;
  /** When committed transactions were lost by a failover. */
  gaps: Span[];
}

/** Checks what must be true of every job and every file at the end, whatever happened. Returns what is not. */
export async function check(machines: Machines, known: Known, print: (line: string) => void): Promise<string[]> {
  const { submitted, deleted, truncated, gaps } = known;
  const inGap = (span: Span) => gaps.some(({ from, to }) => span.from <= to && span.to >= from);
  const jobs = await readJobs(machines);
  const problems: string[] = [];
  const ids = new Set(jobs.map(({ id }) => id));
  const missing = [...submitted].filter(([id]) => !ids.has(id) && !deleted.has(id));
  const lost = missing.filter(([, span]) => inGap(span));
  print(`${lost.length} jobs were accepted within a replication gap and lost by ${gaps.length} failovers`);
  for (const [id, span] of missing) if (!inGap(span)) problems.push(`${id}: lost`);
  for (const [id, span] of deleted) if (ids.has(id) && !inGap(span)) problems.push(`${id}: deleted, and still there`);
  for (const id of ids) if (!submitted.has(id)) problems.push(`${id}: was never submitted`);
  /** Such a job may have got back rows of checkpoints whose files it has removed since. */
  const hitByLoss = ({ id, finished_at }: JobRow) =>
    inGap({ from: submitted.get(id)?.from ?? 0, to: Number(finished_at) - performance.timeOrigin });
  for (const job of jobs) {
    const found = [
      ...problemsOfStory(job),
      ...problemsOfAttempts(job),
      ...problemsOfEpochs(job),
      // A failover may have brought back a deleted job, whose files are gone.
      ...(deleted.has(job.id) ? [] : await problemsOfFiles(machines, job, truncated, hitByLoss(job))),
    ];
    problems.push(...found.map((problem) => `${job.id} (${job.state}): ${problem}`));
  }
  return [...problems, ...problemsOfBits(jobs), ...(await problemsOfRest(machines))];
}

function problemsOfAttempts({ state, attempt, token, failure_code, attempts, events }: JobRow): string[] {
  const problems: string[] = [];
  const numbers = attempts.map(({ number }) => number);
  // A job that was cancelled or paused while it was queued never ran the attempt that it waited for.
  const stopped = events.filter(({ type }) => type === 'cancelled' || type === 'paused').length;
  const absent = attempt - attempts.length;
  if (absent < 0 || absent > stopped || (numbers.at(-1) ?? 0) > attempt)
    problems.push(`its attempts are ${numbers}, its row says ${attempt}`);
  if (token !== null) problems.push('it still has a token');
  for (const { number, outcome } of attempts) if (outcome === null) problems.push(`attempt ${number} has no outcome`);
  const succeeded = attempts.filter(({ outcome }) => outcome === 'succeeded').length;
  if (succeeded !== (state === 'succeeded' ? 1 : 0)) problems.push(`${succeeded} of its attempts succeeded`);
  // With twenty attempts, no fault of the battery may be the end of a job.
  if (state === 'failed') problems.push(`it failed: ${failure_code}`);
  return problems;
}

function problemsOfEpochs(job: JobRow): string[] {
  const { state, spec, epochs, checkpoints } = job;
  const problems: string[] = [];
  if (epochs.some(({ epoch }, index) => epoch !== index + 1))
    problems.push(`its epochs are ${epochs.map(({ epoch }) => epoch)}`);
  let lowest = Number.POSITIVE_INFINITY;
  let bestEpoch: number | null = null;
  for (const { epoch, validation_loss, best } of epochs) {
    if (best !== validation_loss < lowest)
      problems.push(`epoch ${epoch} is ${best ? '' : 'not '}marked as the best so far`);
    if (validation_loss < lowest) bestEpoch = epoch;
    lowest = Math.min(lowest, validation_loss);
  }
  if (job.best_epoch !== bestEpoch) problems.push(`its best epoch is ${bestEpoch}, its row says ${job.best_epoch}`);
  if (bestEpoch !== null && job.best_validation_loss !== lowest) problems.push('its row has another lowest loss');
  if (state !== 'succeeded') return problems;
  if (epochs.length !== spec.epochs) problems.push(`${epochs.length} epochs of ${spec.epochs}`);
  if (job.tested_epoch !== bestEpoch) problems.push(`epoch ${job.tested_epoch} was tested, not ${bestEpoch}`);
  const marked = (what: 'best' | 'last') =>
    checkpoints.filter((row) => row[what]).map(({ epoch, step }) => [epoch, step]);
  if (`${marked('best')}` !== `${bestEpoch},0`) problems.push(`its best checkpoint is ${marked('best')}`);
  if (`${marked('last')}` !== `${spec.epochs},0`) problems.push(`its last checkpoint is ${marked('last')}`);
  return problems;
}

async function problemsOfFiles(
  machines: Machines,
  job: JobRow,
  truncated: Set<string>,
  lossy: boolean,
): Promise<string[]> {
  const problems: string[] = [];
  for (const row of job.checkpoints) {
    const given = (lossy || truncated.has(row.key)) && (job.state !== 'succeeded' || !(row.best || row.last));
    if (!given) problems.push(...(await problemsOfCheckpoint(machines, row)));
  }
  const folder = path.join(machines.artifacts, 'jobs', job.id);
  const keys = new Set(job.checkpoints.map(({ key }) => path.basename(key)));
  for (const name of await readdir(folder).catch(() => []))
    if (!name.includes('.damaged-') && !keys.has(name)) problems.push(`the files ${name} have no row`);
  return problems;
}

async function problemsOfCheckpoint({ artifacts }: Machines, { key, manifest, weights_sha256 }: CheckpointRow) {
  const problems: string[] = [];
  for (const { name, bytes, sha256 } of manifest.files) {
    const content = await readFile(path.join(artifacts, key, name)).catch(() => null);
    const digest = content && createHash('sha256').update(content).digest('hex');
    if (content?.length !== bytes || digest !== sha256) problems.push(`${key}/${name} does not match its manifest`);
    if (name === 'weights.bin' && sha256 !== weights_sha256) problems.push(`${key}: its row has other weights`);
  }
  return problems;
}

/** Jobs with the same spec must end with the same bits, whatever happened to them. */
function problemsOfBits(jobs: JobRow[]): string[] {
  const problems: string[] = [];
  const outcomes = new Map<string, { id: string; outcome: string }>();
  for (const { id, state, spec, epochs, checkpoints } of jobs) {
    if (state !== 'succeeded') continue;
    const weights = checkpoints.filter(({ best, last }) => best || last).map((row) => row.weights_sha256);
    const outcome = JSON.stringify([weights, epochs.map((row) => [row.train_loss, row.validation_loss])]);
    const known = outcomes.get(JSON.stringify(spec));
    if (!known) outcomes.set(JSON.stringify(spec), { id, outcome });
    else if (known.outcome !== outcome) problems.push(`${id} and ${known.id}: the same spec, other bits`);
  }
  return problems;
}

async function problemsOfRest(machines: Machines): Promise<string[]> {
  const problems: string[] = [];
  const unsent = await machines.sql('SELECT FROM outbox');
  if (unsent.length) problems.push(`${unsent.length} rows are left in the outbox`);
  const staged = await readdir(path.join(machines.artifacts, 'staging'), { recursive: true }).catch(() => []);
  for (const file of staged.filter((name) => name.includes('/'))) problems.push(`staging/${file} is left`);
  const known = new Set((await machines.sql<{ id: string }>('SELECT id FROM jobs')).map(({ id }) => id));
  for (const id of await readdir(path.join(machines.artifacts, 'jobs')).catch(() => []))
    if (!known.has(id)) problems.push(`files of ${id}, which is no job`);
  return problems;
}
