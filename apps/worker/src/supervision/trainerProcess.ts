import { type ChildProcess, fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  type Failure,
  type StartCommand,
  type TrainerCommand,
  type TrainerMessage,
  trainerMessageSchema,
  unhandledMessages,
} from '@trainyard/contracts';
import { MessageQueue } from './messageQueue.js';
import { explainDeath, OutOfMemoryKills } from './trainerDeath.js';
import { Watchdog } from './watchdog.js';

const entry = fileURLToPath(new URL('../trainer/main.js', import.meta.url));

/** How many of the last lines of the child's standard error are kept, to explain its death. */
const keptLines = 20;
/** Characters after which a line without an end counts as one. */
const longestLine = 10_000;

const lastMessages: readonly TrainerMessage['type'][] = ['tested', 'suspended', 'cancelled', 'failed'];

export interface TrainerOptions {
  /** Compute threads of the child. */
  threads: number;
  /** How many of its kind share the memory; 1 by default. */
  shares?: number;
  /** Seconds without a message after which the child counts as hung. */
  silenceSeconds?: number;
}

/** The trainer ended, or was killed, without a last message. */
export class TrainerDied extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
    this.name = new.target.name;
  }
}

/** The worker's side of a child process that waits for one job, trains it and ends. */
export class TrainerProcess {
  readonly #child: ChildProcess;
  readonly #messages = new MessageQueue<TrainerMessage>();
  readonly #watchdog: Watchdog;
  readonly #outOfMemoryKills = new OutOfMemoryKills();
  readonly #lastLines: string[] = [];
  /** The beginning of a line whose end the child has not written yet. */
  #partOfLine = '';
  #hung: string | null = null;
  #sentLast = false;
  #unhandled = 0;
  readonly exited: Promise<void>;
  /** Called with each line that the child writes to its standard error. */
  onLine: (line: string) => void = () => {};

  constructor({ threads, shares = 1, silenceSeconds = 120 }: TrainerOptions) {
    this.#child = fork(entry, [String(threads), String(shares)], {
      // The child does not inherit flags of this process, such as a debugger's port.
      execArgv: [],
      // The environment is passed on as it is. It is the only way to set OpenMP's thread count.
      env: { ...process.env, OMP_NUM_THREADS: String(threads) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Unlike JSON, structured clones keep NaN and the infinities.
      serialization: 'advanced',
    });
    this.#watchdog = new Watchdog(this.#child.pid, silenceSeconds, (reason) => this.#killHung(reason));
    this.exited = new Promise((resolve) => this.#child.once('close', () => resolve()));
    this.#child.on('message', (raw) => this.#receive(raw));
    this.#child.on('error', (error) =>
      this.#messages.fail(new TrainerDied({ code: 'trainer_crashed', message: error.message })),
    );
    this.#child.on('close', (code, signal) => this.#ended(code, signal));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    void preferAsVictim(this.#child.pid);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.connected;
  }

  /**
   * Sends the child its job.
   * @returns its messages in order, up to the last; the iterator throws TrainerDied where the child dies before that.
   */
  start(command: Omit<StartCommand, 'type'>): AsyncIterable<TrainerMessage> {
    this.#watchdog.start();
    this.#send({ type: 'start', ...command });
    return this.#messages;
  }

  /** Acknowledges one message; a trainer that is too far ahead waits for this. */
  handled(): void {
    this.#unhandled -= 1;
    if (!this.#sentLast && this.alive) this.#watchdog.heard();
    this.#send({ type: 'handled' });
  }

  cancel(): void {
    this.#send({ type: 'cancel' });
  }

  suspend(): void {
    this.#send({ type: 'suspend' });
  }

  /** Ends the child at once; it sends no further message. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #send(command: TrainerCommand): void {
    // A failure to send is ignored: the child has died, which `close` reports.
    if (this.#child.connected) this.#child.send(command, () => {});
  }

  #receive(raw: unknown): void {
    const parsed = trainerMessageSchema.safeParse(raw);
    if (!parsed.success) {
      this.#killHung(`it sent an invalid message: ${parsed.error.message}`);
      return;
    }
    this.#unhandled += 1;
    this.#sentLast = lastMessages.includes(parsed.data.type);
    // After its last message, or while it waits for acknowledgements, its silence means nothing.
    if (this.#sentLast || this.#unhandled >= unhandledMessages.max) this.#watchdog.stop();
    else this.#watchdog.heard();
    this.#messages.push(parsed.data);
  }

  #killHung(reason: string): void {
    this.#hung = reason;
    this.#child.kill('SIGKILL');
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#watchdog.stop();
    if (this.#partOfLine) this.#keep('\n');
    if (this.#sentLast) this.#messages.end();
    else this.#messages.fail(new TrainerDied(this.#failure(code, signal)));
  }

  #failure(code: number | null, signal: NodeJS.Signals | null): Failure {
    if (this.#hung) return { code: 'trainer_hung', message: `the trainer was killed: ${this.#hung}` };
    return explainDeath({ code, signal, lastLines: this.#lastLines, kernelKilled: this.#outOfMemoryKills.happened() });
  }

  #keep(text: string): void {
    const lines = (this.#partOfLine + text).split('\n');
    const last = lines.pop() ?? '';
    const isEndless = last.length > longestLine;
    if (isEndless) lines.push(last);
    this.#partOfLine = isEndless ? '' : last;
    this.#keepLines(lines.filter((line) => line.trim() !== ''));
  }

  #keepLines(lines: string[]): void {
    for (const line of lines) this.onLine(line);
    this.#lastLines.push(...lines);
    this.#lastLines.splice(0, this.#lastLines.length - keptLines);
  }
}

/**
 * Makes the kernel's out-of-memory killer choose the trainer, whose job gets another attempt, and never the worker,
 * which would be lost with it.
 */
async function preferAsVictim(pid: number | undefined): Promise<void> {
  await writeFile(`/proc/${pid}/oom_score_adj`, '800').catch(() => {
    // Not Linux, or not permitted.
  });
}
