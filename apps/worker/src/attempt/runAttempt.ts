import type {
  AttemptKey,
  Failure,
  JobSpec,
  StoredWeights,
  TestedCheckpoint,
  TrainingLimit,
} from '@trainyard/contracts';
import type { LocatedDataset } from '@trainyard/datasets';
import type { OpenedAttempt, ResumePoint } from '@trainyard/db';
import { Loop } from '@trainyard/process';
import type { WorkerContext } from '../workerContext.js';
import type { AttemptContext, TrainerRun } from './attemptContext.js';
import { removeLeftovers, setDamagedAside } from './checkpointFiles.js';
import { chooseDevice, noGpuFailure } from './chooseDevice.js';
import { handleMessage } from './handleMessage.js';
import { endAfterError, endAfterWorkerError, fail } from './outcomes.js';
import { requestStop } from './requestStop.js';
import { TrainerOutput } from './trainerOutput.js';
import { limitFrom, limitOf } from './trainingLimit.js';

/*
 * The life of an attempt: a delivery of the queue is opened in the database, which returns the fencing token; a
 * trainer child gets the job; its messages are written in order under the token; and its last message decides how the
 * attempt ends:
 *
 *   tested     -> succeeded
 *   suspended  -> handed back: queued again for another worker, or paused where that was requested
 *   cancelled  -> cancelled
 *   failed, or the child died -> next attempt, or failed where another attempt would fail in the same way
 *
 * The attempt with the current token owns the job. When the database answers that the token is stale (this worker
 * counted as lost, and another attempt runs), the child is killed and nothing more is written. A lost queue does not
 * end an attempt.
 */

/** This heartbeat also fetches a requested pause or cancellation, which has to take effect within a second. */
const heartbeatMs = 500;

export interface AttemptEnd {
  /** An error of this worker ended the attempt, and not one of its trainer or its job. */
  workerFailed: boolean;
}

/**
 * Runs the first job of the queue in Postgres to the end of its attempt: a delivery says that a job waits, not which
 * one is next. Resolves whatever the outcome: the database has it, and the queue does not need it.
 *
 * @param onOpened called with the attempt that begins.
 * @param shutdown aborted when the worker shuts down: the job is then suspended and handed back.
 */
export async function runAttempt(
  context: WorkerContext,
  onOpened: (opened: AttemptKey) => void,
  shutdown: AbortSignal,
): Promise<AttemptEnd> {
  const opened = await context.database.attempts.openNext(context.workerId, context.costPerHour);
  if (!opened) return { workerFailed: false };
  const { jobId, attempt } = opened;
  onOpened({ jobId, attempt });
  const log = context.logger.child({ jobId, attempt, requestId: opened.requestId });
  context.metrics.opened(opened.queuedSeconds);
  log.info({ resumeFrom: opened.resumeFrom?.key ?? null }, 'attempt opened');
  const attemptContext = { context, log, jobId, attempt, token: opened.token };
  try {
    return { workerFailed: await runOpened(attemptContext, opened, shutdown) };
  } catch (error) {
    // The job gets its next attempt: this worker ends what it no longer runs, or its heartbeats are missed.
    context.metrics.ended('given_up');
    log.error({ err: error }, 'attempt abandoned: its outcome could not be recorded');
    return { workerFailed: true };
  }
}

/** @returns whether the worker itself failed. */
async function runOpened(
  attemptContext: AttemptContext,
  opened: OpenedAttempt,
  shutdown: AbortSignal,
): Promise<boolean> {
  const { context } = attemptContext;
  const { name, version } = opened.spec.dataset;
  let dataset: LocatedDataset | null;
  try {
    dataset = await context.datasets.project(opened.project).locate(name, version);
  } catch (error) {
    await endAfterWorkerError(attemptContext, error);
    return true;
  }
  const device = chooseDevice(context.device, opened.spec.device);
  const { datasetDigest } = opened;
  const tests = testedCheckpoint(context, opened);
  if (!dataset) await fail(attemptContext, missingDataset(name, version));
  else if (datasetDigest !== null && dataset.dataset.digest !== datasetDigest)
    await fail(attemptContext, changedDataset(name, version));
  else if (device === null) await fail(attemptContext, noGpuFailure(context.device));
  else if (tests === 'gone') await fail(attemptContext, goneCheckpoint(opened.tests));
  else {
    const initialWeights = storedWeights(context, opened);
    return train(attemptContext, opened, { dataset, device, tests, initialWeights }, shutdown);
  }
  return false;
}

/** Null: the weights start from the seed. */
const storedWeights = ({ artifacts }: WorkerContext, opened: OpenedAttempt): StoredWeights | null =>
  opened.initialWeights && { ...opened.initialWeights, folder: artifacts.folder(artifacts.initialKey(opened.jobId)) };

/** Null: the job trains. */
function testedCheckpoint({ artifacts }: WorkerContext, { tests }: OpenedAttempt): TestedCheckpoint | 'gone' | null {
  if (tests === null) return null;
  const { jobId, key, weightsSha256 } = tests;
  return key === null ? 'gone' : { jobId, folder: artifacts.folder(key), weightsSha256 };
}

function goneCheckpoint(tests: OpenedAttempt['tests']): Failure {
  const message =
    `the checkpoint of epoch ${tests?.epoch} of ${tests?.jobId} is gone since the test was submitted: the job was ` +
    'deleted, or its newer checkpoints replaced it; test one that GET /v1/jobs/{id}/checkpoints lists';
  return { code: 'checkpoint_missing', message };
}

function missingDataset(name: string, version: number | null): Failure {
  const which = version === null ? name : `${name} version ${version}`;
  const message = `this worker has no dataset ${which}; import it with: trainyard dataset import`;
  return { code: 'dataset_missing', message };
}

function changedDataset(name: string, version: number | null): Failure {
  const message =
    `${name}@${version} is no longer the dataset that the job was submitted for: ` +
    'it was deleted and imported again; submit the job again';
  return { code: 'dataset_changed', message };
}

/** The data and the device that this worker has for a job, and the checkpoint that it tests or starts from. */
interface Resources {
  dataset: LocatedDataset;
  device: string;
  tests: TestedCheckpoint | null;
  initialWeights: StoredWeights | null;
}

/**
 * Trains the job; where the checkpoint to resume from is damaged, once more from the one before.
 * @returns whether the worker itself failed.
 */
async function train(
  attemptContext: AttemptContext,
  { spec, ...opened }: OpenedAttempt,
  resources: Resources,
  shutdown: AbortSignal,
): Promise<boolean> {
  const { context, log } = attemptContext;
  let point: ResumePoint | null = opened;
  const limit = await limitOf(attemptContext, spec, opened);
  const openedAt = performance.now();
  let workerFailed = false;
  while (point) {
    const trainer = context.trainers.take();
    const run: TrainerRun = {
      ...attemptContext,
      trainer,
      epochs: point.resumeFrom?.manifest.cursor.epoch ?? 0,
      requested: 'nothing',
      shutdown,
      stale: false,
      progressFails: false,
      damaged: false,
    };
    const heartbeat = new Loop('attempt heartbeat', heartbeatMs, () => beat(run), log);
    heartbeat.start();
    const onShutdown = () => requestStop(run, 'suspend');
    shutdown.addEventListener('abort', onShutdown);
    try {
      if (shutdown.aborted) onShutdown();
      await removeLeftovers(run);
      await runTrainer(run, spec, point, { ...resources, limit: limitFrom(limit, openedAt) });
      point = run.damaged ? await setDamagedAside(run, point) : null;
    } catch (error) {
      point = null;
      workerFailed = await endAfterError(run, error);
    } finally {
      shutdown.removeEventListener('abort', onShutdown);
      await heartbeat.stop();
      await run.trainer.kill();
      context.trainers.warmUp();
    }
  }
  return workerFailed;
}

/** Starts the trainer on its job and handles its messages, in order, up to the last. */
async function runTrainer(
  run: TrainerRun,
  spec: JobSpec,
  { resumeFrom, best }: ResumePoint,
  { dataset, device, limit, ...sources }: Resources & { limit: TrainingLimit | null },
): Promise<void> {
  const { context, jobId, attempt } = run;
  const stagingFolder = await context.artifacts.newStagingFolder(jobId, attempt);
  const folder = (checkpoint: { key: string } | null) => checkpoint && context.artifacts.folder(checkpoint.key);
  const output = new TrainerOutput((lines) => context.database.attempts.output(run.token, lines));
  try {
    run.trainer.onLine = (line) => {
      run.log.warn({ trainerPid: run.trainer.pid, line }, 'trainer stderr');
      output.add(line);
    };
    const messages = run.trainer.start({
      jobId,
      attempt,
      spec,
      dataset: dataset.dataset,
      datasetFile: dataset.file,
      stagingFolder,
      resumeFrom: folder(resumeFrom),
      bestSoFar: best?.key === resumeFrom?.key ? null : folder(best),
      ...sources,
      executor: context.executor,
      device,
      limit,
    });
    for await (const message of messages) {
      // Before the message, which may be the last that this attempt may write.
      await output.flush();
      await handleMessage(run, spec, message);
      run.trainer.handled();
    }
  } finally {
    // The trainer must not write there any more when the folder is removed.
    await run.trainer.kill();
    await output.flush();
    // What is left there, a later attempt or the sweeper removes; how the attempt ended stays as it was written.
    await context.artifacts
      .removeStagingFolder(stagingFolder)
      .catch((error: unknown) => run.log.warn({ err: error }, 'could not remove the staging folder'));
  }
}

async function beat(run: TrainerRun): Promise<void> {
  const reply = await run.context.database.attempts.heartbeat(run.token);
  if (reply?.state === 'cancelling') requestStop(run, 'cancel');
  if (reply?.state === 'pausing') requestStop(run, 'suspend');
  if (reply !== null || run.stale) return;
  run.stale = true;
  // Not awaited: heartbeats and messages run side by side, and only one of them may wait for the other.
  void run.trainer.kill();
}
