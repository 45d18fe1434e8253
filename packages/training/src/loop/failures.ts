import { CorruptCheckpointError } from '@trainyard/artifacts';
import { type Failure, type FailureCode, TrainingFailure } from '@trainyard/contracts';
import { OutOfMemoryError } from '@trainyard/program';

/** An error of the operating system, such as a full disk (ENOSPC), and not a mistake of the program. */
export const isDiskError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error;

/** The failure that the last message reports for an error. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return { code: codeOf(error), message };
}

function codeOf(error: unknown): FailureCode {
  if (error instanceof TrainingFailure) return error.code;
  if (error instanceof OutOfMemoryError) return 'out_of_memory';
  if (error instanceof RangeError && /allocation failed/i.test(error.message)) return 'out_of_memory';
  if (error instanceof CorruptCheckpointError) return 'checkpoint_corrupt';
  return 'trainer_error';
}
