import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type CheckpointRow, type JobRow, readJobs } from './history.js';
import type { Machines } from './machines.js';
import { faultsOfStory } from './story.js';

/** Jobs that were submitted and deleted, keys of checkpoints whose files were cut. */
export type Known = Record<'submitted' | 'deleted' | 'truncated', Set<string>>;

/** What must hold of every job and of all files once all is over, whatever happened; gives what does not. */
export async function check(machines: Machines, { submitted, deleted, truncated }: Known): Promise<string[]> {
  const jobs = await readJobs(machines);
  const faults: string[] = [];
  const ids = new Set(jobs.map(({ id }) => id));
  for (const id of submitted) if (!ids.has(id) && !deleted.has(id)) faults.push(`${id}: lost`);
  for (const id of deleted) if (ids.has(id)) faults.push(`${id}: deleted, and still there`);
  for (const id of ids) if (!submitted.has(id)) faults.push(`${id}: nobody submitted it`);
  for (const job of jobs) {
    const found = [
      ...faultsOfStory(job),
      ...faultsOfAttempts(job),
      ...faultsOfEpochs(job),
      ...(await faultsOfFiles(machines, job, truncated)),
    ];
    faults.push(...found.map((fault) => `${job.id} (${job.state}): ${fault}`));
  }
  return [...faults, ...faultsOfBits(jobs), ...(await faultsOfRest(machines))];
}

function faultsOfAttempts({ state, token, failure_code, attempts }: JobRow): string[] {
  const faults: string[] = [];
  if (token !== null) faults.push('it has a token still');
  for (const { number, outcome } of attempts) if (outcome === null) faults.push(`attempt ${number} has no outcome`);
  const succeeded = attempts.filter(({ outcome }) => outcome === 'succeeded').length;
  if (succeeded !== (state === 'succeeded' ? 1 : 0)) faults.push(`${succeeded} of its attempts succeeded`);
  // With twenty attempts, no fault of the battery may be the end of a job.
  if (state === 'failed') faults.push(`it failed: ${failure_code}`);
  return faults;
}

function faultsOfEpochs(job: JobRow): string[] {
  const { state, spec, epochs, checkpoints } = job;
  const faults: string[] = [];
  if (epochs.some(({ epoch }, index) => epoch !== index + 1))
    faults.push(`its epochs are ${epochs.map(({ epoch }) => epoch)}`);
  let lowest = Number.POSITIVE_INFINITY;
  let bestEpoch: number | null = null;
  for (const { epoch, validation_loss, best } of epochs) {
    if (best !== validation_loss < lowest)
      faults.push(`epoch ${epoch} is ${best ? '' : 'not '}told as the best so far`);
    if (validation_loss < lowest) bestEpoch = epoch;
    lowest = Math.min(lowest, validation_loss);
  }
  if (job.best_epoch !== bestEpoch) faults.push(`its best epoch is ${bestEpoch}, its row says ${job.best_epoch}`);
  if (bestEpoch !== null && job.best_validation_loss !== lowest) faults.push('its row has another lowest loss');
  if (state !== 'succeeded') return faults;
  if (epochs.length !== spec.epochs) faults.push(`${epochs.length} epochs of ${spec.epochs}`);
  if (job.tested_epoch !== bestEpoch) faults.push(`epoch ${job.tested_epoch} was tested, not ${bestEpoch}`);
  const marked = (what: 'best' | 'last') =>
    checkpoints.filter((row) => row[what]).map(({ epoch, step }) => [epoch, step]);
  if (`${marked('best')}` !== `${bestEpoch},0`) faults.push(`its best checkpoint is ${marked('best')}`);
  if (`${marked('last')}` !== `${spec.epochs},0`) faults.push(`its last checkpoint is ${marked('last')}`);
  return faults;
}

async function faultsOfFiles(machines: Machines, job: JobRow, truncated: Set<string>): Promise<string[]> {
  const faults: string[] = [];
  for (const row of job.checkpoints) {
    const given = truncated.has(row.key) && (job.state !== 'succeeded' || !(row.best || row.last));
    if (!given) faults.push(...(await faultsOfCheckpoint(machines, row)));
  }
  const folder = path.join(machines.artifacts, 'jobs', job.id);
  const keys = new Set(job.checkpoints.map(({ key }) => path.basename(key)));
  for (const name of await readdir(folder).catch(() => []))
    if (!name.includes('.damaged-') && !keys.has(name)) faults.push(`the files ${name} have no row`);
  return faults;
}

async function faultsOfCheckpoint({ artifacts }: Machines, { key, manifest, weights_sha256 }: CheckpointRow) {
  const faults: string[] = [];
  for (const { name, bytes, sha256 } of manifest.files) {
    const content = await readFile(path.join(artifacts, key, name)).catch(() => null);
    const digest = content && createHash('sha256').update(content).digest('hex');
    if (content?.length !== bytes || digest !== sha256) faults.push(`${key}/${name} is not what was written`);
    if (name === 'weights.bin' && sha256 !== weights_sha256) faults.push(`${key}: its row has other weights`);
  }
  return faults;
}

/** Jobs of the same spec have to come to the same bits, whatever happened to them. */
function faultsOfBits(jobs: JobRow[]): string[] {
  const faults: string[] = [];
  const outcomes = new Map<string, { id: string; outcome: string }>();
  for (const { id, state, spec, epochs, checkpoints } of jobs) {
    if (state !== 'succeeded') continue;
    const weights = checkpoints.filter(({ best, last }) => best || last).map((row) => row.weights_sha256);
    const outcome = JSON.stringify([weights, epochs.map((row) => [row.train_loss, row.validation_loss])]);
    const known = outcomes.get(JSON.stringify(spec));
    if (!known) outcomes.set(JSON.stringify(spec), { id, outcome });
    else if (known.outcome !== outcome) faults.push(`${id} and ${known.id}: the same spec, other bits`);
  }
  return faults;
}

async function faultsOfRest(machines: Machines): Promise<string[]> {
  const faults: string[] = [];
  const unsent = await machines.sql('SELECT FROM outbox');
  if (unsent.length) faults.push(`${unsent.length} rows are left in the outbox`);
  const staged = await readdir(path.join(machines.artifacts, 'staging'), { recursive: true }).catch(() => []);
  for (const file of staged.filter((name) => name.includes('/'))) faults.push(`staging/${file} is left`);
  const known = new Set((await machines.sql<{ id: string }>('SELECT id FROM jobs')).map(({ id }) => id));
  for (const id of await readdir(path.join(machines.artifacts, 'jobs')).catch(() => []))
    if (!known.has(id)) faults.push(`files of ${id}, which is no job`);
  return faults;
}
