import { type ChildProcess, fork } from 'node:child_process';
import type { Logger } from '@trainyard/process';
import type { z } from 'zod';
import { type TaskMessage, taskMessageSchema } from './taskMessages.js';

/** A process that does not stop for so long is killed. */
const stopMs = 10_000;
/** A process that has said nothing for so long is stuck, as a hostile file may make a reader, and is killed. */
export const silenceMs = 10 * 60 * 1000;

export interface ChildTaskOptions<P, R> {
  /** Path of its program, which calls `runTask`. */
  entry: string;
  /** Of JavaScript's own memory; pixels are outside of it. */
  heapMegabytes: number;
  progress: z.ZodType<P>;
  result: z.ZodType<R>;
  /** For the log. */
  title: string;
  logger: Logger;
}

/** A process that does one piece of background work. */
export class ChildTask<P, R> {
  progress: P | null = null;
  cancelled = false;
  isStuck = false;
  /** The last message; null where the process died without one. */
  readonly done: Promise<TaskMessage<P, R> | null>;
  /** When the process last sent something, in milliseconds since 1970. */
  private heardAt = Date.now();
  private readonly child: ChildProcess;

  constructor(command: object, { entry, heapMegabytes, progress, result, title, logger }: ChildTaskOptions<P, R>) {
    const child = fork(entry, [], {
      execArgv: [`--max-old-space-size=${heapMegabytes}`],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child = child;
    const schema = taskMessageSchema(progress, result);
    let last: TaskMessage<P, R> | null = null;
    child.stderr?.on('data', (text) =>
      logger.warn({ text: String(text).slice(0, 2000) }, `output of the ${title} process`),
    );
    child.on('message', (raw) => {
      // The process reads bytes of strangers: what it sends is checked, and cannot end this one.
      this.heardAt = Date.now();
      const message = schema.safeParse(raw).data as TaskMessage<P, R> | undefined;
      if (message?.type === 'progress') this.progress = message.progress;
      else if (message !== undefined) last = message;
    });
    this.done = new Promise((resolve) => {
      child.on('error', () => resolve(last));
      child.on('close', () => resolve(last));
    });
    child.send(command);
  }

  /** @returns whether it has said nothing for too long, or had when this was asked before */
  checkStuck(): boolean {
    this.isStuck ||= Date.now() - this.heardAt > silenceMs;
    return this.isStuck;
  }

  stop(): void {
    this.child.kill('SIGTERM');
    setTimeout(() => this.child.kill('SIGKILL'), stopMs).unref();
  }
}
