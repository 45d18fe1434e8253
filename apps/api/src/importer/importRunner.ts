import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { DatasetImport } from '@trainyard/contracts';
import type { Database, ImportEnd, ImportRow } from '@trainyard/db';
import { type Logger, Loop } from '@trainyard/process';
import type { DatasetQuota } from '#services/datasetQuota.js';
import type { Uploads } from '#services/uploads.js';
import { type ImportCommand, type ImportMessage, importMessageSchema } from './messages.js';

const entry = fileURLToPath(new URL('./main.js', import.meta.url));

/** How soon an import starts, and how soon its progress is stored and a cancellation noticed. */
const pollMs = 1000;
/** A process that does not stop for so long is killed. */
const stopMs = 10_000;
/** A process that has said nothing for so long is stuck, as a hostile file may make a reader, and is killed. */
const silenceMs = 10 * 60 * 1000;
/** Of JavaScript's own memory; pixels are outside of it. */
const heapMegabytes = 2048;

export interface ImportRunnerOptions {
  db: Pick<Database, 'imports'>;
  /** Folder of all datasets. */
  root: string;
  uploads: Uploads;
  quota: DatasetQuota;
  allowPrivateUrls: boolean;
  logger: Logger;
}

/** Runs the imports that came over HTTP, one at a time, each in a process of its own. */
export class ImportRunner {
  readonly #owner = randomUUID();
  readonly #loop: Loop;
  #running: Running | null = null;
  #isStopping = false;

  constructor(private readonly options: ImportRunnerOptions) {
    this.#loop = new Loop('imports', pollMs, () => this.#runNext(), options.logger);
  }

  start(): void {
    this.#loop.start();
  }

  /** Stops the import that runs, and gives it back: another process, or the next start, does it from its beginning. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#running?.stop();
    await this.#loop.stop();
  }

  async #runNext(): Promise<void> {
    if (this.#isStopping) return;
    const row = await this.options.db.imports.claim(this.#owner);
    if (row === null) return;
    const { logger } = this.options;
    logger.info({ importId: row.id, project: row.project }, 'import started');
    const command = await this.#commandOf(row).catch((error: Error) => error);
    if (command instanceof Error) {
      await this.#end(row, { state: 'failed', problem: { code: 'not_found', detail: command.message, faults: [] } });
      return;
    }
    const running = new Running(command, logger);
    this.#running = running;
    const watching = setInterval(() => void this.#beat(row, running), pollMs);
    try {
      const last = await running.done;
      clearInterval(watching);
      await this.#conclude(row, running, last);
    } finally {
      clearInterval(watching);
      this.#running = null;
    }
  }

  async #commandOf({ id, project, source, options }: ImportRow): Promise<ImportCommand> {
    const { root, uploads, quota, allowPrivateUrls } = this.options;
    const left = await quota.left(project);
    const bytesLeft = Number.isFinite(left) ? Math.max(0, left) : null;
    const shared = { root, project, options, bytesLeft, allowPrivateUrls };
    if (source.kind === 'url') {
      // Without the query, which may contain a secret: everyone in the project sees the origin.
      const { origin, pathname, hostname } = new URL(source.url);
      const label = pathname.split('/').at(-1) || hostname;
      const file = await uploads.download(project, id);
      return { ...shared, file, url: source.url, label, origin: `${origin}${pathname}` };
    }
    const { file, name } = await uploads.complete(project, source.uploadId);
    return { ...shared, file, url: null, label: name, origin: `upload:${name}` };
  }

  async #beat(row: ImportRow, running: Running): Promise<void> {
    const answer = await this.options.db.imports.heartbeat(row.id, this.#owner, running.progress).catch(() => 'go');
    if (answer === 'cancel') running.cancelled = true;
    running.isStuck ||= Date.now() - running.heardAt > silenceMs;
    if (answer !== 'go' || running.isStuck) running.stop();
  }

  async #conclude(row: ImportRow, running: Running, last: ImportMessage | null): Promise<void> {
    if (last?.type === 'succeeded') return this.#end(row, { state: 'succeeded', dataset: last.dataset });
    if (running.cancelled) return this.#end(row, { state: 'cancelled' });
    if (last?.type === 'failed') return this.#end(row, { state: 'failed', problem: last.problem });
    if (running.isStuck) {
      const minutes = silenceMs / 60_000;
      const detail = `the import made no progress for ${minutes} minutes; the file may be damaged: write it again`;
      return this.#end(row, { state: 'failed', problem: { code: 'import_stuck', detail, faults: [] } });
    }
    // Stopped by a shutdown, or killed: then its heartbeats end, and the next claim counts one more start.
    if (this.#isStopping) await this.options.db.imports.handBack(row.id, this.#owner);
    else this.options.logger.warn({ importId: row.id }, 'the process of an import died; it will be started again');
  }

  async #end(row: ImportRow, end: ImportEnd): Promise<void> {
    const { db, uploads, logger } = this.options;
    const isOurs = await db.imports.end(row.id, this.#owner, end);
    if (!isOurs) return;
    logger.info({ importId: row.id, state: end.state, dataset: end.dataset?.name }, 'import ended');
    await uploads.remove(row.project, row.source.kind === 'upload' ? row.source.uploadId : row.id);
  }
}

/** The process of one import. */
class Running {
  progress: DatasetImport['progress'] = null;
  cancelled = false;
  isStuck = false;
  /** When the process last sent something, in milliseconds since 1970. */
  heardAt = Date.now();
  /** The last message; null where the process died without one. */
  readonly done: Promise<ImportMessage | null>;
  readonly #child: ChildProcess;

  constructor(command: ImportCommand, logger: Logger) {
    const child = fork(entry, [], {
      execArgv: [`--max-old-space-size=${heapMegabytes}`],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    let last: ImportMessage | null = null;
    child.stderr?.on('data', (text) => logger.warn({ text: String(text).slice(0, 2000) }, 'output of an import'));
    child.on('message', (raw) => {
      // The process reads bytes of strangers: what it sends is checked, and cannot end this one.
      this.heardAt = Date.now();
      const { data: message } = importMessageSchema.safeParse(raw);
      if (message?.type === 'progress') this.progress = message.progress;
      else if (message !== undefined) last = message;
    });
    this.done = new Promise((resolve) => {
      child.on('error', () => resolve(last));
      child.on('close', () => resolve(last));
    });
    child.send(command);
  }

  stop(): void {
    this.#child.kill('SIGTERM');
    setTimeout(() => this.#child.kill('SIGKILL'), stopMs).unref();
  }
}
