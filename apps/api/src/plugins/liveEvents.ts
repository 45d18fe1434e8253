import { EventEmitter } from 'node:events';
import type { Database } from '@trainyard/db';
import plugin from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyInstance {
    liveEvents: LiveEvents;
  }
}

/**
 * Lets any number of streams wait for events of jobs, over one connection to Postgres, which tells of every new event. A
 * lost connection or notification is made good by looking again every `pollSeconds`.
 */
export class LiveEvents {
  private readonly jobs = new EventEmitter().setMaxListeners(0);
  /** Aborted when the app closes: ends every stream. */
  readonly closing = new AbortController();

  constructor(private readonly pollSeconds: number) {}

  /** Tells the streams of a job to look; null: those of every job. */
  notify(jobId: string | null): void {
    for (const name of jobId === null ? this.jobs.eventNames() : [jobId]) this.jobs.emit(name);
  }

  /** Number of streams that wait. */
  get waiting(): number {
    return this.jobs.eventNames().reduce((sum, name) => sum + this.jobs.listenerCount(name), 0);
  }

  /**
   * Starts to listen at once and remembers one notification, so that an event between a look and the next wait is not
   * missed. `next` resolves when there may be something new, or after at most `pollSeconds`, or when `signal` is aborted.
   */
  subscribe(jobId: string, signal: AbortSignal): { next(): Promise<void>; close(): void } {
    let pending = false;
    let wakeUp: (() => void) | null = null;
    const onNotify = () => {
      pending = true;
      wakeUp?.();
    };
    const next = async () => {
      if (!pending && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, this.pollSeconds * 1000);
          const done = () => {
            clearTimeout(timer);
            resolve();
          };
          wakeUp = done;
        });
      }
      wakeUp = null;
      pending = false;
    };
    this.jobs.on(jobId, onNotify);
    signal.addEventListener('abort', onNotify, { once: true });
    const close = () => {
      this.jobs.off(jobId, onNotify);
      signal.removeEventListener('abort', onNotify);
    };
    return { next, close };
  }
}

export const liveEvents = plugin<{ db: Pick<Database, 'listen'>; pollSeconds: number }>(
  async (app, { db, pollSeconds }) => {
    const live = new LiveEvents(pollSeconds);
    app.decorate('liveEvents', live);
    const stop = await db.listen('job_events', (jobId) => live.notify(jobId));
    // Before the server waits for its open connections to end.
    app.addHook('preClose', async () => live.closing.abort());
    app.addHook('onClose', () => stop());
  },
);
