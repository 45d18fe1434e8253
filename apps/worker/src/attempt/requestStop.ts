import type { TrainerRun } from './attemptContext.js';

/** Seconds that a trainer has to end by itself. A suspended one finishes its step and writes a checkpoint first. */
const graceSeconds = { cancel: 3, suspend: 10 } as const;

/**
 * Asks the trainer once to end, and kills it where it takes too long. A cancellation overrides an earlier suspension.
 */
export function requestStop(run: TrainerRun, request: 'suspend' | 'cancel'): void {
  if (run.requested === request || run.requested === 'cancel') return;
  run.requested = request;
  run.log.info(`asking the trainer to ${request}`);
  if (request === 'cancel') run.trainer.cancel();
  else run.trainer.suspend();
  const timer = setTimeout(() => run.trainer.kill(), graceSeconds[request] * 1000);
  void run.trainer.exited.then(() => clearTimeout(timer));
}
