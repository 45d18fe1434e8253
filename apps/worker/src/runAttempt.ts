import type { Dataset, Failure, JobSpec, TrainerMessage } from '@trainyard/contracts';
import { type NewCheckpoint, type OpenedAttempt, type ResumePoint, StaleAttemptError } from '@trainyard/db';
import { type Owner, removeLeftovers, setDamagedAside, store } from './checkpointFiles.js';
import { noGpuGiven, wantedDevice } from './device.js';
import { cancelled, concludeError, fail, handBack, succeed } from './endings.js';
import { Heartbeat } from './heartbeat.js';
import { persistently } from './persistently.js';
import type { Run } from './run.js';
import type { Yard } from './yard.js';

/**
 * The way of one attempt: a delivery of the queue is opened in the database (which gives the fencing token), a trainer child
 * gets the job, its messages are written in order under the token, and its last one decides how the attempt ends:
 *
 *   tested     -> succeeded
 *   suspended  -> handed back: queued again for another worker, or paused where that was asked for
 *   cancelled  -> cancelled
 *   failed, or the child died -> next attempt, or failed where another attempt would fail the same way
 *
 * Whoever holds the token owns the job. When the database says that it is stale (this worker was taken for lost, and
 * another attempt is under way), the child is ended and nothing more is written. A lost queue is no reason to stop.
 */

/** The heartbeat also learns of a pause or a cancellation, which has to take effect within a second. */
const heartbeatMs = 500;
/** How long a trainer may take to end by itself when told to. */
const cancelSeconds = 3;
const suspendSeconds = 10;

export interface Delivery {
  jobId: string;
  attempt: number;
}

/**
 * Runs one delivery to its end. Resolves whatever becomes of the job: the database knows, and the queue needs not.
 * @param shutdown aborted when the worker is to end: the job is suspended and handed back.
 */
export async function runAttempt(yard: Yard, { jobId, attempt }: Delivery, shutdown: AbortSignal): Promise<void> {
  const opened = await yard.database.attempts.open({ jobId, attempt, workerId: yard.workerId });
  if (!opened) return yard.logger.info({ jobId, attempt }, 'the delivery is stale; nothing to do');
  const log = yard.logger.child({ jobId, attempt, requestId: opened.requestId });
  yard.metrics.opened(opened.queuedSeconds);
  log.info({ resumeFrom: opened.resumeFrom?.key ?? null }, 'attempt opened');
  const owner = { yard, log, jobId, attempt, token: opened.token };
  try {
    const { name, version } = opened.spec.dataset;
    const dataset = await yard.datasets.find(name, version);
    const device = wantedDevice(yard.device, opened.spec.device);
    if (!dataset) await fail(owner, missingDataset(name, version));
    else if (device === null) await fail(owner, noGpuGiven(yard.device));
    else await train(owner, opened, { dataset, device }, shutdown);
  } catch (error) {
    // No heartbeat comes any more, so the job gets its next attempt.
    yard.metrics.ended('given_up');
    log.error({ err: error }, 'the attempt is given up without a word in the database');
  }
}

function missingDataset(name: string, version: number | null): Failure {
  const which = version === null ? name : `${name} version ${version}`;
  const message = `this worker has no dataset ${which}; import it with: trainyard dataset import`;
  return { code: 'dataset_missing', message };
}

/** What a trainer of this worker gets from it. */
interface Place {
  dataset: Dataset;
  device: string;
}

async function train(
  owner: Owner,
  { spec, ...opened }: OpenedAttempt,
  place: Place,
  shutdown: AbortSignal,
): Promise<void> {
  const { yard, log } = owner;
  let point: ResumePoint | null = opened;
  while (point) {
    const trainer = yard.trainers.take();
    const run: Run = { ...owner, trainer, asked: 'nothing', shutdown, stale: false, damaged: false };
    const heart = new Heartbeat(heartbeatMs, log, () => beat(run));
    const onShutdown = () => ask(run, 'suspend');
    shutdown.addEventListener('abort', onShutdown);
    try {
      if (shutdown.aborted) onShutdown();
      await removeLeftovers(run);
      await follow(run, spec, point, place);
      point = run.damaged ? await setDamagedAside(run, point) : null;
    } catch (error) {
      point = null;
      await concludeError(run, error);
    } finally {
      shutdown.removeEventListener('abort', onShutdown);
      await heart.stop();
      await run.trainer.kill();
      yard.trainers.warmUp();
    }
  }
}

/** Gives the trainer its job and handles what it says, in order, to its last word. */
async function follow(
  run: Run,
  spec: JobSpec,
  { resumeFrom, best }: ResumePoint,
  { dataset, device }: Place,
): Promise<void> {
  const { yard, jobId, attempt } = run;
  const stagingFolder = await yard.artifacts.newStagingFolder(jobId, attempt);
  const folder = (checkpoint: { key: string } | null) => checkpoint && yard.artifacts.folder(checkpoint.key);
  try {
    run.trainer.onLine = (line) => run.log.warn({ trainerPid: run.trainer.pid, line }, 'the trainer says');
    const messages = run.trainer.start({
      ...{ jobId, attempt, spec, dataset, datasetFile: yard.datasets.file(dataset), stagingFolder },
      resumeFrom: folder(resumeFrom),
      bestSoFar: best?.key === resumeFrom?.key ? null : folder(best),
      executor: yard.executor,
      device,
    });
    for await (const message of messages) {
      await handle(run, spec, message);
      run.trainer.handled();
    }
  } finally {
    // Nobody writes there any more.
    await run.trainer.kill();
    await yard.artifacts.removeStagingFolder(stagingFolder);
  }
}

async function beat(run: Run): Promise<void> {
  const reply = await run.yard.database.attempts.heartbeat(run.token);
  if (reply?.state === 'cancelling') ask(run, 'cancel');
  if (reply?.state === 'pausing') ask(run, 'suspend');
  if (reply !== null || run.stale) return;
  run.stale = true;
  // `beat` runs beside the messages; only one of them may wait for the other.
  void run.trainer.kill();
}

/** Tells the trainer once; ends it where it does not obey in time. */
function ask(run: Run, what: 'suspend' | 'cancel'): void {
  if (run.asked === what || run.asked === 'cancel') return;
  run.asked = what;
  run.log.info(`asking the trainer to ${what}`);
  if (what === 'cancel') run.trainer.cancel();
  else run.trainer.suspend();
  const timer = setTimeout(() => run.trainer.kill(), (what === 'cancel' ? cancelSeconds : suspendSeconds) * 1000);
  void run.trainer.exited.then(() => clearTimeout(timer));
}

async function handle(run: Run, spec: JobSpec, message: TrainerMessage): Promise<unknown> {
  const { token, log, yard } = run;
  const { attempts } = yard.database;
  // What the trainer said before it was ended is no longer this worker's to write.
  if (run.stale) throw new StaleAttemptError();
  switch (message.type) {
    case 'started':
      log.info({ ...message, trainerPid: run.trainer.pid }, 'training started');
      yard.onExecutor(message.executor);
      return persistently(log, () => attempts.started(token, message.executor));
    case 'progress':
      yard.trainers.warmUp();
      yard.metrics.progress(message.progress.imagesPerSecond);
      return writeProgress(run, message);
    case 'warning':
      log.warn({ code: message.code }, message.message);
      return persistently(log, () => attempts.warning(token, { code: message.code, message: message.message }));
    case 'epoch':
      yard.metrics.epoch(message.metrics, spec);
      return writeEpoch(run, message);
    case 'checkpoint':
      return writeCheckpoint(run, message);
    case 'tested':
      return succeed(run, message.results);
    case 'suspended':
      return handBack(run, message.checkpoint);
    case 'cancelled':
      return cancelled(run);
    case 'failed':
      run.damaged = message.failure.code === 'checkpoint_corrupt';
      return run.damaged ? undefined : fail(run, message.failure);
  }
}

/** Progress that is not written is outdated a second later: no second try. */
async function writeProgress(
  { yard, token, log }: Run,
  { progress }: TrainerMessage & { type: 'progress' },
): Promise<void> {
  try {
    await yard.database.attempts.progress(token, progress);
  } catch (error) {
    if (error instanceof StaleAttemptError) throw error;
    log.warn({ err: error }, 'progress was not written');
  }
}

async function writeEpoch(run: Run, { metrics, checkpoint }: TrainerMessage & { type: 'epoch' }): Promise<void> {
  const write = (committed: NewCheckpoint | null) =>
    persistently(run.log, () => run.yard.database.attempts.epoch(run.token, metrics, committed));
  if (checkpoint) await store(run, checkpoint, write);
  else await write(null);
  const { epoch, validationLoss, validationAccuracy } = metrics;
  run.log.info({ epoch, validationLoss, validationAccuracy }, 'epoch');
}

async function writeCheckpoint(run: Run, { checkpoint }: TrainerMessage & { type: 'checkpoint' }): Promise<void> {
  await store(run, checkpoint, (committed) =>
    persistently(run.log, () => run.yard.database.attempts.checkpoint(run.token, committed)),
  );
  run.log.info({ cursor: checkpoint.manifest.cursor }, 'checkpoint');
}
