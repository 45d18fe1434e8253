import { CorruptCheckpointError } from '@trainyard/artifacts';
import { type Failure, TrainyardError } from '@trainyard/contracts';
import { OutOfMemoryError } from '@trainyard/program';

/** A reason to end the attempt that its user can act on. */
export class TrainingFailure extends Error {
  /** @param code stable, see `failureSchema` */
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

export const diverged = (what: string, epoch: number, learningRate: number) =>
  new TrainingFailure(
    'diverged',
    `the ${what} of epoch ${epoch} is no longer a finite number: the weights have diverged; use a learningRate lower than ` +
      `${learningRate} (a tenth of it, say), or a schedule with warmupEpochs`,
  );

/** An error of the operating system, such as a disk that is full (ENOSPC): nothing that the program did wrong. */
export const isDiskError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error;

/** What the last message says of an error. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return { code: codeOf(error), message };
}

function codeOf(error: unknown): string {
  if (error instanceof TrainingFailure) return error.code;
  if (error instanceof OutOfMemoryError) return 'out_of_memory';
  if (error instanceof RangeError && /allocation failed/i.test(error.message)) return 'out_of_memory';
  if (error instanceof CorruptCheckpointError) return 'checkpoint_corrupt';
  if (error instanceof TrainyardError) return error.code;
  return 'trainer_error';
}
