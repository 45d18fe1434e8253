import { setTimeout as sleep } from 'node:timers/promises';
import type { IQueueBackend } from 'bullmq';

export type OutageReports = {
  /** Called with errors that the queue recovers from by itself, like a lost connection. */
  onError: (error: Error) => void;
  /** Called when operations have succeeded again for some seconds. */
  onRecovery?: () => void;
};

/** Milliseconds between two tries of an operation that fails. */
const pauseMs = 1000;
/** Longer than a worker waits for an entry, so that each of its operations has been tried without an error. */
const quietMs = 10_000;
/** Kinds of errors reported in one outage. */
const kinds = 5;

/** With which Redis ends the message of an error in a script. */
const scriptName = / script: .*$/s;

/** Holds errors back: of an outage, each kind of error is reported once, and then the recovery. */
export class Outage {
  readonly #reported = new Set<string>();
  readonly #end = new AbortController();
  #lastFailure = 0;

  constructor(private readonly reports: OutageReports) {}

  failed(error: Error): void {
    if (this.#end.signal.aborted) return;
    this.#lastFailure = performance.now();
    const kind = error.message.replace(scriptName, '').slice(0, 100);
    if (this.#reported.has(kind) || this.#reported.size >= kinds) return;
    this.#reported.add(kind);
    this.reports.onError(error);
  }

  succeeded(): void {
    if (this.#reported.size === 0 || performance.now() - this.#lastFailure < quietMs) return;
    this.#reported.clear();
    this.reports.onRecovery?.();
  }

  async pause(): Promise<void> {
    await sleep(pauseMs, undefined, { signal: this.#end.signal }).catch(() => {});
  }

  /** From now on no error is reported, because closing causes some, and no operation waits for another try. */
  end(): void {
    this.#end.abort();
  }
}

/** BullMQ's worker tries these again without a pause, unless the error is that of a lost connection. */
const fetching = ['moveToActive', 'waitForJob'] as const;

/** Makes the operations by which a worker fetches entries pause after an error. */
export function pauseAfterErrors<T extends IQueueBackend>(backend: T, outage: Outage): T {
  for (const method of fetching) {
    const fetch = backend[method].bind(backend) as (...parameters: unknown[]) => Promise<unknown>;
    const paused = async (...parameters: unknown[]) => {
      try {
        const result = await fetch(...parameters);
        outage.succeeded();
        return result;
      } catch (error) {
        outage.failed(error as Error);
        await outage.pause();
        throw error;
      }
    };
    Object.assign(backend, { [method]: paused });
  }
  return backend;
}
