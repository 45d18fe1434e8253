import { TrainyardError } from '@trainyard/contracts';
import type { z } from 'zod';

/** The last message of a task that did not succeed. */
type Failure = { code: string; detail: string; faults: string[] };

export interface Task<C, P, R> {
  command: z.ZodType<C>;
  /** @param signal aborts when the task is to stop; `run` throws then */
  run(command: C, onProgress: (progress: P) => void, signal: AbortSignal): Promise<R>;
  /** Paths of this machine in messages, and what a user knows them by. */
  names(command: C): Record<string, string>;
  /** For messages: `the import`. */
  title: string;
}

/**
 * What a process of background work does: it gets one command, sends its progress and one last message, and ends.
 * SIGTERM, or an API that is gone, stops it. It decodes bytes of strangers, so it is apart from the API.
 */
export function runTask<C, P, R>(task: Task<C, P, R>): void {
  const stopping = new AbortController();
  const stop = () => stopping.abort(new Error('stopped'));
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(event, stop);
  process.once('message', (message) => {
    const command = task.command.parse(message);
    const onProgress = (progress: P) => void send({ type: 'progress', progress });
    void task
      .run(command, onProgress, stopping.signal)
      .then(
        (result) => send({ type: 'succeeded', result }),
        (error: unknown) =>
          send(stopping.signal.aborted ? { type: 'stopped' } : { type: 'failed', problem: problemOf(error, command) }),
      )
      .then(() => process.exit(0));
  });

  /** Errors that the user cannot correct are only logged: a message of the system names paths of this machine. */
  function problemOf(error: unknown, command: C): Failure {
    if (error instanceof TrainyardError) {
      const names = Object.entries(task.names(command));
      const named = (text: string) => names.reduce((all, [path, name]) => all.replaceAll(path, name), text);
      return {
        code: error.code,
        detail: named(error.message),
        faults: error.faults.map(({ detail }) => named(detail)),
      };
    }
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC';
    const detail = isFull ? 'the disk of the service is full' : `${task.title} failed; the log of the API says why`;
    return { code: 'internal', detail, faults: [] };
  }
}

const send = (message: object): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });
