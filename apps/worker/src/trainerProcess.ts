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
import { DeathWatch, explainDeath } from './death.js';
import { MessageQueue } from './messageQueue.js';
import { Watchdog } from './watchdog.js';

const entry = fileURLToPath(new URL('./trainer/main.js', import.meta.url));

/** Lines of the child's standard error that are kept, to explain its death. */
const keptLines = 20;

const lastMessages: readonly TrainerMessage['type'][] = ['tested', 'suspended', 'cancelled', 'failed'];

export interface TrainerOptions {
  /** Compute threads of the child. */
  threads: number;
  /** Seconds of silence after which the child is taken for hung. */
  silenceSeconds?: number;
}

/** The trainer ended, or was ended, without a last message. */
export class TrainerDied extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
    this.name = new.target.name;
  }
}

/** A child process that waits for one job, trains it and ends. */
export class TrainerProcess {
  readonly #child: ChildProcess;
  readonly #messages = new MessageQueue<TrainerMessage>();
  readonly #watchdog: Watchdog;
  readonly #death = new DeathWatch();
  readonly #lastLines: string[] = [];
  #hung: string | null = null;
  #saidLast = false;
  #unhandled = 0;
  readonly exited: Promise<void>;
  /** Called with each line that the child writes to its standard error. */
  onLine: (line: string) => void = () => {};

  constructor({ threads, silenceSeconds = 120 }: TrainerOptions) {
    this.#child = fork(entry, [String(threads)], {
      // Flags of this process, such as a debugger's port, are not the child's.
      execArgv: [],
      // The environment is handed on as it is; OpenMP knows its thread count by no other way.
      env: { ...process.env, OMP_NUM_THREADS: String(threads) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Structured clones keep numbers that JSON has no words for.
      serialization: 'advanced',
    });
    this.#watchdog = new Watchdog(this.#child.pid, silenceSeconds, (reason) => this.#giveUp(reason));
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

  /** Gives the child its job. The messages come in order and end after the last; @throws TrainerDied from the iterator. */
  start(command: Omit<StartCommand, 'type'>): AsyncIterable<TrainerMessage> {
    this.#watchdog.start();
    this.#send({ type: 'start', ...command });
    return this.#messages;
  }

  /** The reader is done with one message; a trainer that is too far ahead waits for that. */
  handled(): void {
    this.#unhandled -= 1;
    if (!this.#saidLast && this.alive) this.#watchdog.heard();
    this.#send({ type: 'handled' });
  }

  cancel(): void {
    this.#send({ type: 'cancel' });
  }

  suspend(): void {
    this.#send({ type: 'suspend' });
  }

  /** Ends the child at once; it says nothing more. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #send(command: TrainerCommand): void {
    // Its death is told by `close`; a message that it can no longer get is nothing to report.
    if (this.#child.connected) this.#child.send(command, () => {});
  }

  #receive(raw: unknown): void {
    const parsed = trainerMessageSchema.safeParse(raw);
    if (!parsed.success) {
      this.#giveUp(`it sent a message that cannot be read: ${parsed.error.message}`);
      return;
    }
    this.#unhandled += 1;
    this.#saidLast = lastMessages.includes(parsed.data.type);
    // It has no more to say, or has to wait until it may.
    if (this.#saidLast || this.#unhandled >= unhandledMessages.max) this.#watchdog.stop();
    else this.#watchdog.heard();
    this.#messages.push(parsed.data);
  }

  #giveUp(reason: string): void {
    this.#hung = reason;
    this.#child.kill('SIGKILL');
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#watchdog.stop();
    if (this.#saidLast) this.#messages.end();
    else this.#messages.fail(new TrainerDied(this.#failure(code, signal)));
  }

  #failure(code: number | null, signal: NodeJS.Signals | null): Failure {
    if (this.#hung) return { code: 'trainer_hung', message: `the trainer was ended: ${this.#hung}` };
    return explainDeath({ code, signal, lastLines: this.#lastLines, kernelKilled: this.#death.kernelKilled() });
  }

  #keep(text: string): void {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    for (const line of lines) this.onLine(line);
    this.#lastLines.push(...lines);
    this.#lastLines.splice(0, this.#lastLines.length - keptLines);
  }
}

/** Where memory runs out, the kernel shall take the trainer, whose job goes on elsewhere, and never the worker. */
async function preferAsVictim(pid: number | undefined): Promise<void> {
  await writeFile(`/proc/${pid}/oom_score_adj`, '800').catch(() => {
    // Not Linux, or not allowed.
  });
}
