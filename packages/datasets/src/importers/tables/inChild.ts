import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { InvalidInputError } from '@trainyard/contracts';
import { damaged } from '../../archives/damaged.js';
import type { Answer, FormatName, Request, TableFile } from './messages.js';
import type { Rows, Table, TableFormat, Wanted } from './table.js';

/** The child runs compiled code, also where this file is run from its source, as in tests. */
const childFile = createRequire(import.meta.url).resolve('@trainyard/datasets/importers/tables/child');

export interface ChildLimits {
  /** Between two answers of the child; the largest row groups that are read take a tenth of it. */
  silentSeconds: number;
  /** Megabytes of JavaScript values; the bytes of pictures do not count. */
  heapMegabytes: number;
}
const defaultLimits: ChildLimits = { silentSeconds: 120, heapMegabytes: 4096 };

/** A file within an archive is read into memory, up to this size. */
const mostInMemory = 512 * 1024 ** 2;

/**
 * A format whose files are read in a process of their own, because their libraries have no limits: a damaged file can
 * keep one busy for hours, fill the heap, or make V8 abort its process. The file is then refused as damaged.
 */
export function inChild(format: FormatName, title: string, limits = defaultLimits): TableFormat {
  return {
    title,
    async open(file, name) {
      if (file.file === null && file.bytes > mostInMemory) {
        const size = `has ${file.bytes} bytes, more than can be read from within an archive (${mostInMemory})`;
        throw new InvalidInputError(`${name} ${size}; unpack the archive and import the folder`);
      }
      const content = file.file === null ? new Uint8Array(await file.read(mostInMemory)) : null;
      return ChildTable.open({ format, name, file: file.file, content }, title, limits);
    },
  };
}

/** A child takes a tenth of a second to start, so it is kept for the next file of the same set. */
let idle: { child: ChildProcess; limits: ChildLimits; timer: NodeJS.Timeout } | null = null;
const idleMs = 2000;

function takeChild(limits: ChildLimits): ChildProcess {
  if (idle?.limits === limits && idle.child.connected) {
    const { child, timer } = idle;
    clearTimeout(timer);
    idle = null;
    child.ref();
    child.channel?.ref();
    return child;
  }
  return fork(childFile, {
    serialization: 'advanced',
    execArgv: [`--max-old-space-size=${limits.heapMegabytes}`],
    // V8 writes a report of its own when it aborts.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

function keepChild(child: ChildProcess, limits: ChildLimits): void {
  child.removeAllListeners();
  // Its end is noticed when it is taken again.
  child.on('error', () => {});
  child.unref();
  child.channel?.unref();
  idle?.child.kill('SIGKILL');
  const timer = setTimeout(() => child.kill('SIGKILL'), idleMs).unref();
  idle = { child, limits, timer };
}

class ChildTable implements Table {
  columns: Table['columns'] = [];
  features: Table['features'] = {};
  #settle: { resolve(answer: Answer): void; reject(error: unknown): void } | null = null;
  #ended: Error | null = null;

  static async open(file: TableFile, title: string, limits: ChildLimits): Promise<ChildTable> {
    const child = takeChild(limits);
    const table = new ChildTable(child, file.name, title, limits);
    try {
      const answer = await table.#ask(file);
      if (typeof answer === 'object' && 'opened' in answer) Object.assign(table, answer.opened);
    } catch (error) {
      await table.close();
      throw error;
    }
    return table;
  }

  private constructor(
    private readonly child: ChildProcess,
    private readonly name: string,
    private readonly title: string,
    private readonly limits: ChildLimits,
  ) {
    child.on('message', (answer: Answer) => this.#settle?.resolve(answer));
    child.on('error', (error) => this.#end(error));
    child.on('exit', () => this.#end(damaged(name, title, new Error('its content contradicts itself'))));
  }

  async *read(column: string, wanted: Wanted = () => true): AsyncGenerator<Rows> {
    let answer = await this.#ask({ read: column });
    while (answer !== 'end') {
      if ('range' in answer) {
        answer = await this.#ask({ wanted: await wanted(answer.range.start, answer.range.end) });
      } else if ('rows' in answer) {
        let isTaken = false;
        try {
          yield answer.rows;
          isTaken = true;
        } finally {
          // The reader stops early.
          if (!isTaken) this.#send('stop');
        }
        answer = await this.#ask('next');
      } else throw new Error('unexpected answer of a child process');
    }
  }

  async close(): Promise<void> {
    if (this.#ended) {
      this.child.kill('SIGKILL');
      return;
    }
    this.#send('close');
    keepChild(this.child, this.limits);
  }

  #send(request: Request): void {
    // A child that has ended is noticed by its exit.
    if (this.child.connected) this.child.send(request, () => {});
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#settle?.reject(this.#ended);
  }

  #ask(request: Request): Promise<Answer> {
    const answer = this.#answer();
    this.#send(request);
    return answer;
  }

  /** Waits for the child's next message. */
  async #answer(): Promise<Answer> {
    if (this.#ended) throw this.#ended;
    const { silentSeconds } = this.limits;
    const timer = setTimeout(() => {
      this.#end(damaged(this.name, this.title, new Error(`reading a part of it took more than ${silentSeconds} s`)));
      this.child.kill('SIGKILL');
    }, silentSeconds * 1000);
    try {
      const answer = await new Promise<Answer>((resolve, reject) => {
        this.#settle = { resolve, reject };
      });
      if (typeof answer === 'object' && 'failed' in answer) {
        this.#ended = errorOf(answer.failed);
        throw this.#ended;
      }
      return answer;
    } finally {
      clearTimeout(timer);
      this.#settle = null;
    }
  }
}

const errorOf = ({ message, isInput }: { message: string; isInput: boolean }): Error =>
  isInput ? new InvalidInputError(message) : new Error(message);
