import { ExecutorError, OutOfMemoryError } from '@trainyard/program';

/** The addon's plain error as a class: OutOfMemoryError if it has `bytes`, else ExecutorError. */
export function toExecutorError(error: unknown): ExecutorError {
  if (error instanceof ExecutorError) return error;
  if (error instanceof Error && 'bytes' in error && typeof error.bytes === 'number')
    return new OutOfMemoryError(error.bytes);
  return new ExecutorError(error instanceof Error ? error.message : String(error), { cause: error });
}

/** Awaits a call of the addon, and throws its errors as classes. */
export async function callAddon<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toExecutorError(error);
  }
}
