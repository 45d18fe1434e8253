import { type KeyLimits, LimitError } from '@trainyard/contracts';
import type { Caller, Database, Usage } from '@trainyard/db';

/** What a key used when it was counted, plus the jobs admitted since. */
interface Count extends Usage {
  countedAt: number;
}

/** Something that may queue a job, and that a client may repeat when it has not got the answer. */
export interface QueueingWork<T> {
  work(): Promise<T>;
  /** Whether `work` queued a job, decided by its result. */
  queued(result: T): boolean;
  /** The result where an earlier request did the work already, otherwise null. Asked where a limit forbids `work`. */
  repeated(): Promise<T | null>;
}

type Limits = { queuedJobs: number | null; trainingSeconds: number | null };

const fullQueue = (queuedJobs: number | null): string => `no more than ${queuedJobs} jobs of this key may be queued`;

/** A count is reused for this long. Jobs that other API processes admit meanwhile are not in it. */
const countValidMs = 1_000;
const maxCountedKeys = 1_000;
/** Retry-After of a full queue: when a job will leave it is unknown, and polling this often costs little. */
const queueRetrySeconds = 10;

/**
 * Enforces each key's limits of queued jobs and of training seconds a day. Counting costs at most one statement a
 * second and key. A single process never admits more than the limit; several together exceed it by at most the jobs
 * that they admit within a second.
 */
export class Quotas {
  private readonly counts = new Map<string, Count>();
  private readonly counting = new Map<string, Promise<Count>>();
  /** Jobs of each key that are being stored: a count that runs meanwhile may not include them. */
  private readonly beingStored = new Map<string, number>();

  /** @param defaults limits of keys that have none of their own; null: unlimited. */
  constructor(
    private readonly usage: Pick<Database['usage'], 'of'>,
    private readonly defaults: Omit<KeyLimits, 'requestsPerMinute'>,
  ) {}

  /**
   * Runs `work`, which queues a job, if the key's limits allow it.
   *
   * @throws LimitError
   */
  async admit<T>(caller: Caller, { work, queued, repeated }: QueueingWork<T>): Promise<T> {
    const queuedJobs = caller.limits.queuedJobs ?? this.defaults.queuedJobs;
    const trainingSeconds = caller.limits.trainingSecondsPerDay ?? this.defaults.trainingSecondsPerDay;
    if (queuedJobs === null && trainingSeconds === null) return work();
    try {
      await this.reserve(caller.id, 1, { queuedJobs, trainingSeconds });
    } catch (error) {
      const earlier = error instanceof LimitError ? await repeated() : null;
      if (earlier === null) throw error;
      return earlier;
    }
    let didQueue = false;
    try {
      const result = await work();
      didQueue = queued(result);
      return result;
    } finally {
      this.release(caller.id, 1, didQueue ? 1 : 0);
    }
  }

  /**
   * Runs `work` that queues several jobs at once, and asks how many of those that it wants may be queued.
   *
   * @throws LimitError if none may.
   */
  async admitSome<T extends { changed: readonly unknown[] }>(
    caller: Caller,
    work: (room: (wanted: number) => Promise<{ count: number; reason: string }>) => Promise<T>,
  ): Promise<T> {
    const queuedJobs = caller.limits.queuedJobs ?? this.defaults.queuedJobs;
    const trainingSeconds = caller.limits.trainingSecondsPerDay ?? this.defaults.trainingSecondsPerDay;
    let reserved = 0;
    let used = 0;
    try {
      const result = await work(async (wanted) => {
        const isLimited = queuedJobs !== null || trainingSeconds !== null;
        reserved = isLimited ? await this.reserve(caller.id, wanted, { queuedJobs, trainingSeconds }) : 0;
        return { count: isLimited ? reserved : wanted, reason: fullQueue(queuedJobs) };
      });
      used = result.changed.length;
      return result;
    } finally {
      if (reserved > 0) this.release(caller.id, reserved, used);
    }
  }

  /** @returns how many of the wanted jobs may be queued, one at least. */
  private async reserve(keyId: string, wanted: number, { queuedJobs, trainingSeconds }: Limits): Promise<number> {
    const count = async () => this.count(keyId, queuedJobs, trainingSeconds !== null);
    const roomIn = ({ queuedJobs: waiting }: Count) => (queuedJobs === null ? wanted : queuedJobs - waiting);
    let known = this.counts.get(keyId);
    if (!known || Date.now() - known.countedAt > countValidMs || roomIn(known) < wanted) known = await count();
    if (trainingSeconds !== null && known.trainingSeconds >= trainingSeconds) {
      const message = `more than ${trainingSeconds} s of training today (UTC)`;
      throw new LimitError('trainingSecondsPerDay', message, Math.ceil(known.secondsLeftToday));
    }
    const admitted = Math.min(wanted, roomIn(known));
    if (admitted <= 0) throw new LimitError('queuedJobs', fullQueue(queuedJobs), queueRetrySeconds);
    known.queuedJobs += admitted;
    this.beingStored.set(keyId, (this.beingStored.get(keyId) ?? 0) + admitted);
    return admitted;
  }

  private release(keyId: string, reserved: number, queued: number): void {
    const left = (this.beingStored.get(keyId) ?? reserved) - reserved;
    if (left > 0) this.beingStored.set(keyId, left);
    else this.beingStored.delete(keyId);
    const known = this.counts.get(keyId);
    if (known) known.queuedJobs -= reserved - queued;
  }

  /** Requests that arrive while their key is being counted share the count. */
  private count(keyId: string, queuedJobs: number | null, training: boolean): Promise<Count> {
    const running = this.counting.get(keyId);
    if (running) return running;
    const beingStored = this.beingStored.get(keyId) ?? 0;
    const counting = this.usage.of(keyId, queuedJobs, training).then((usage) => {
      if (this.counts.size >= maxCountedKeys) this.counts.clear();
      const count = { ...usage, queuedJobs: usage.queuedJobs + beingStored, countedAt: Date.now() };
      this.counts.set(keyId, count);
      return count;
    });
    const done = () => this.counting.delete(keyId);
    counting.then(done, done);
    this.counting.set(keyId, counting);
    return counting;
  }
}
