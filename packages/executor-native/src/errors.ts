import { ExecutorError, OutOfMemoryError } from '@trainyard/program';

/** The addon's plain error as the class that it stands for: with `bytes` where memory was refused. */
export function toExecutorError(error: unknown): ExecutorError {
  if (error instanceof ExecutorError) return error;
  if (error instanceof Error && 'bytes' in error && typeof error.bytes === 'number')
    return new OutOfMemoryError(error.bytes);
  return new ExecutorError(error instanceof Error ? error.message : String(error), { cause: error });
}

/** Awaits a call into the addon. */
export async function native<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toExecutorError(error);
  }
}
