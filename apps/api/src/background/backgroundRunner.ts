import { randomUUID } from 'node:crypto';
import type { ImportProblem } from '@trainyard/contracts';
import { type Logger, Loop } from '@trainyard/process';
import { ChildTask, type ChildTaskOptions, silenceMs } from './childTask.js';

/** How soon work starts, and how soon its progress is stored and a cancellation noticed. */
const pollMs = 1000;

interface Row {
  id: string;
  project: string;
}

export type TaskEnd<R> =
  | { state: 'succeeded'; result: R }
  | { state: 'failed'; problem: ImportProblem }
  | { state: 'cancelled' };

/** One kind of background work. */
export interface BackgroundKind<T extends Row, P, R> extends Omit<ChildTaskOptions<P, R>, 'logger'> {
  runs: {
    claim(owner: string): Promise<T | null>;
    heartbeat(id: string, owner: string, progress: P | null): Promise<'go' | 'cancel' | 'lost'>;
    handBack(id: string, owner: string): Promise<void>;
  };
  /** What its process is sent. @throws where the work cannot be done; its message is shown */
  commandOf(row: T): Promise<object>;
  /** Stores the end. @returns false where another process has taken the row, or it is gone */
  end(row: T, owner: string, end: TaskEnd<R>): Promise<boolean>;
}

/** Does the work of a table, one row at a time, each in a process of its own. */
export class BackgroundRunner<T extends Row, P, R> {
  readonly #owner = randomUUID();
  readonly #loop: Loop;
  #running: ChildTask<P, R> | null = null;
  #isStopping = false;

  constructor(
    private readonly kind: BackgroundKind<T, P, R>,
    private readonly logger: Logger,
  ) {
    this.#loop = new Loop(`${kind.title}s`, pollMs, () => this.#runNext(), logger);
  }

  start(): void {
    this.#loop.start();
  }

  /** Stops the work that runs, and gives it back: another process, or the next start, does it from its beginning. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#running?.stop();
    await this.#loop.stop();
  }

  async #runNext(): Promise<void> {
    if (this.#isStopping) return;
    const { runs, title } = this.kind;
    const row = await runs.claim(this.#owner);
    if (row === null) return;
    this.logger.info({ id: row.id, project: row.project }, `${title} started`);
    const command = await this.kind.commandOf(row).catch((error: Error) => error);
    if (command instanceof Error) {
      await this.#end(row, { state: 'failed', problem: { code: 'not_found', detail: command.message, faults: [] } });
      return;
    }
    const task = new ChildTask<P, R>(command, { ...this.kind, logger: this.logger });
    this.#running = task;
    const watching = setInterval(() => void this.#beat(row, task), pollMs);
    try {
      await task.done;
      clearInterval(watching);
      await this.#conclude(row, task);
    } finally {
      clearInterval(watching);
      this.#running = null;
    }
  }

  async #beat(row: T, task: ChildTask<P, R>): Promise<void> {
    const answer = await this.kind.runs.heartbeat(row.id, this.#owner, task.progress).catch(() => 'go');
    if (answer === 'cancel') task.cancelled = true;
    if (answer !== 'go' || task.checkStuck()) task.stop();
  }

  async #conclude(row: T, task: ChildTask<P, R>): Promise<void> {
    const { title } = this.kind;
    const last = await task.done;
    if (last?.type === 'succeeded') return this.#end(row, { state: 'succeeded', result: last.result as R });
    if (task.cancelled) return this.#end(row, { state: 'cancelled' });
    if (last?.type === 'failed') return this.#end(row, { state: 'failed', problem: last.problem });
    if (task.isStuck) {
      const minutes = silenceMs / 60_000;
      const detail = `the ${title} made no progress for ${minutes} minutes; a file may be damaged: write it again`;
      return this.#end(row, { state: 'failed', problem: { code: `${title}_stuck`, detail, faults: [] } });
    }
    // Stopped by a shutdown, or killed: then its heartbeats end, and the next claim counts one more start.
    if (this.#isStopping) await this.kind.runs.handBack(row.id, this.#owner);
    else this.logger.warn({ id: row.id }, `the ${title} process died; it will be started again`);
  }

  async #end(row: T, end: TaskEnd<R>): Promise<void> {
    const isOurs = await this.kind.end(row, this.#owner, end);
    if (isOurs) this.logger.info({ id: row.id, state: end.state }, `${this.kind.title} ended`);
  }
}
