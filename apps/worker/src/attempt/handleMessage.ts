import type { JobSpec, TrainerMessage } from '@trainyard/contracts';
import { type CommittedCheckpoint, StaleAttemptError } from '@trainyard/db';
import type { TrainerRun } from './attemptContext.js';
import { storeCheckpoint } from './checkpointFiles.js';
import { cancelled, fail, failUnlessUnusable, handBack, succeed } from './outcomes.js';
import { retryWrite } from './retryWrite.js';

type MessageOf<T extends TrainerMessage['type']> = Extract<TrainerMessage, { type: T }>;

/**
 * Writes what a trainer reports, under the attempt's token.
 * @throws StaleAttemptError when another attempt owns the job.
 */
export async function handleMessage(run: TrainerRun, spec: JobSpec, message: TrainerMessage): Promise<unknown> {
  const { token, log, context } = run;
  const { attempts } = context.database;
  // Messages that the trainer sent before it was killed must not be written any more.
  if (run.stale) throw new StaleAttemptError();
  switch (message.type) {
    case 'started':
      log.info({ ...message, trainerPid: run.trainer.pid }, 'training started');
      context.onExecutor(message.executor);
      return retryWrite(log, () => attempts.started(token, message.executor));
    case 'progress':
      context.trainers.warmUp();
      context.metrics.progress(context.workerId, message.progress.imagesPerSecond);
      return writeProgress(run, message);
    case 'warning':
      log.warn({ code: message.code }, message.message);
      return retryWrite(log, () => attempts.warning(token, { code: message.code, message: message.message }));
    case 'epoch':
      context.metrics.epoch(message.metrics, spec);
      return writeEpoch(run, message);
    case 'checkpoint':
      return writeCheckpoint(run, message);
    case 'tested':
      return succeed(run, message);
    case 'suspended':
      return handBack(run, message.checkpoint);
    case 'cancelled':
      return cancelled(run);
    case 'failed':
      run.damaged = message.failure.code === 'checkpoint_corrupt';
      if (run.damaged) return;
      return message.failure.code === 'checkpoint_unwritten'
        ? failUnlessUnusable(run, message.failure)
        : fail(run, message.failure, message.results);
  }
}

/** Not retried: a second later the next progress message replaces this one. */
async function writeProgress(run: TrainerRun, { progress }: MessageOf<'progress'>): Promise<void> {
  try {
    await run.context.database.attempts.progress(run.token, progress);
    run.progressFails = false;
  } catch (error) {
    if (error instanceof StaleAttemptError) throw error;
    if (!run.progressFails) run.log.warn({ err: error }, 'could not write progress');
    run.progressFails = true;
  }
}

async function writeEpoch(run: TrainerRun, { metrics, checkpoint }: MessageOf<'epoch'>): Promise<void> {
  run.epochs = metrics.epoch;
  const write = (committed: CommittedCheckpoint | null) =>
    retryWrite(run.log, () => run.context.database.attempts.epoch(run.token, metrics, committed));
  if (checkpoint) await storeCheckpoint(run, checkpoint, write);
  else await write(null);
  const { epoch, validationLoss, validationAccuracy } = metrics;
  run.log.info({ epoch, validationLoss, validationAccuracy }, 'epoch finished');
}

async function writeCheckpoint(run: TrainerRun, { checkpoint }: MessageOf<'checkpoint'>): Promise<void> {
  await storeCheckpoint(run, checkpoint, (committed) =>
    retryWrite(run.log, () => run.context.database.attempts.checkpoint(run.token, committed)),
  );
  run.log.info({ cursor: checkpoint.manifest.cursor }, 'checkpoint stored');
}
