import type { Span } from './faults/index.js';

/** No job may be held up by the fault of another, or of a server that works again, for longer. */
const limitMs = 30_000;
/** A fault that ended this long before a delay began is among its causes. */
const causeMs = 1000;

/** A fault that was injected; `to` is infinite while it is not over. */
export interface Injection extends Span {
  kind: string;
  hits: string[];
}

/** The parts of `Machines` that are watched. */
interface Watched {
  sql<T extends object>(text: string): Promise<T[]>;
  api: Process;
  workers: Process[];
}
type Process = { name: string; process: { pid: number } | null; frozen: boolean };

/** A job that has not ended, as the delays need it. */
type Open = { id: string; state: string; signature: string; pid: number | null };

/** Since when something could make progress and made none. */
type Clock = { since: number; signature: string; complaint: number | null };

/**
 * Measures how long jobs are held up. Two kinds of clocks run, and each starts again at every progress, and while a
 * fault explains that there is none:
 *
 * - of every worker that no fault hits: while it runs nothing though jobs are queued;
 * - of every running job that no fault hits, nor its worker: while nothing about it changes. The clock of a job whose
 *   worker was killed runs, unless a fault hits the API, which has to find that out: another worker must take it.
 *
 * Faults of the servers stop all clocks, and those of the API stop the workers' clocks, until they are over.
 */
export class Delays {
  readonly complaints: string[] = [];
  /** The longest delay while a fault of this kind lasted, or after it. */
  readonly longest = new Map<string, number>();
  #clocks = new Map<string, Clock>();

  constructor(
    private readonly machines: Watched,
    private readonly injections: readonly Injection[],
  ) {}

  async sample(): Promise<void> {
    const now = performance.now();
    const hit = new Set(this.injections.filter(({ to }) => to > now).flatMap(({ hits }) => hits));
    if (hit.has('servers')) {
      // Postgres may be among them.
      this.#clocks.clear();
      return;
    }
    const open = await this.machines.sql<Open>(
      `SELECT jobs.id, state::text, concat_ws(' ', state, jobs.attempt, event_count, progress) AS signature, pid
       FROM jobs LEFT JOIN attempts ON job_id = jobs.id AND number = jobs.attempt
       LEFT JOIN workers ON workers.id = worker_id WHERE jobs.finished_at IS NULL`,
    );
    const { api, workers } = this.machines;
    for (const { name, process, frozen } of [api, ...workers]) if (!process || frozen) hit.add(name);

    const running = open.filter(({ state }) => !['queued', 'paused'].includes(state));
    const queued = open.length > running.length && open.some(({ state }) => state === 'queued');
    const clocks = this.#clocks;
    this.#clocks = new Map();
    for (const { name, process } of workers) {
      const busy = running.some(({ pid }) => pid === process?.pid);
      const explained = !queued || busy || hit.has(name) || hit.has('api');
      this.#turn(clocks, name, `${process?.pid}`, explained, () => `${name} ran nothing though jobs were queued`);
    }
    for (const { id, state, signature, pid } of running) {
      const worker = workers.find(({ process }) => process?.pid === pid)?.name;
      const explained = hit.has(id) || hit.has(worker ?? 'api');
      const where = worker ? `on ${worker}` : 'on a worker that is gone';
      this.#turn(clocks, id, signature, explained, () => `${id} stayed ${state} ${where} without progress`);
    }
  }

  #turn(clocks: Map<string, Clock>, name: string, signature: string, explained: boolean, what: () => string): void {
    const now = performance.now();
    const known = clocks.get(name);
    if (explained || known?.signature !== signature) {
      this.#clocks.set(name, { since: now, signature, complaint: null });
      return;
    }
    this.#clocks.set(name, known);
    const length = now - known.since;
    const causes = this.injections.filter(({ from, to }) => from <= now && to >= known.since - causeMs);
    const kinds = [...new Set(causes.map(({ kind }) => kind))];
    for (const kind of kinds) this.longest.set(kind, Math.max(this.longest.get(kind) ?? 0, length));
    if (length < limitMs) return;
    known.complaint ??= this.complaints.push('') - 1;
    this.complaints[known.complaint] =
      `${what()} for ${Math.round(length / 1000)} s, beside: ${kinds.join(', ') || 'no fault'}`;
  }

  table(): string[] {
    const kinds = [...new Set(this.injections.map(({ kind }) => kind))].sort();
    const width = Math.max(...kinds.map((kind) => kind.length));
    return [
      `${'fault'.padEnd(width)}  times  longest delay beside it`,
      ...kinds.map((kind) => {
        const times = this.injections.filter((injection) => injection.kind === kind).length;
        const seconds = ((this.longest.get(kind) ?? 0) / 1000).toFixed(1);
        return `${kind.padEnd(width)}  ${String(times).padStart(5)}  ${seconds.padStart(8)} s`;
      }),
    ];
  }
}
