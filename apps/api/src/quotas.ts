import { type KeyLimits, LimitError } from '@trainyard/contracts';
import type { Caller, Database, Usage } from '@trainyard/db';

/** What a key used when it was counted, and the places in the queue that were given away since. */
interface Count extends Usage {
  countedAt: number;
}

/** A key's usage is counted anew after this long. What other API processes gave away meanwhile is not known here. */
const rememberMs = 1_000;
const rememberedKeys = 1_000;
/** When a place in the queue will be free nobody knows; a client that asks this often finds it soon enough. */
const queueRetrySeconds = 10;

/**
 * Holds keys to their limits of waiting jobs and of training a day. Counting costs one statement a second and key, however
 * many jobs it submits; one process never gives away more than there is, several together at most what they take in a second.
 */
export class Quotas {
  private readonly counts = new Map<string, Count>();
  private readonly counting = new Map<string, Promise<Count>>();
  /** Jobs of each key that are being stored: a count that is made meanwhile may have missed them. */
  private readonly underWay = new Map<string, number>();

  /** @param defaults of keys that have no limits of their own; null: any number. */
  constructor(
    private readonly usage: Pick<Database['usage'], 'of'>,
    private readonly defaults: Omit<KeyLimits, 'requestsPerMinute'>,
  ) {}

  /**
   * Does what puts a job into the queue, if the key's limits allow.
   *
   * @param queued whether the work did put one there.
   * @throws LimitError
   */
  async admit<T>(caller: Caller, work: () => Promise<T>, queued: (result: T) => boolean = () => true): Promise<T> {
    const queuedJobs = caller.limits.queuedJobs ?? this.defaults.queuedJobs;
    const trainingSeconds = caller.limits.trainingSecondsPerDay ?? this.defaults.trainingSecondsPerDay;
    if (queuedJobs === null && trainingSeconds === null) return work();
    await this.takePlace(caller.id, queuedJobs, trainingSeconds);
    let took = false;
    try {
      const result = await work();
      took = queued(result);
      return result;
    } finally {
      this.leave(caller.id, took);
    }
  }

  private async takePlace(keyId: string, queuedJobs: number | null, trainingSeconds: number | null): Promise<void> {
    const count = async () => this.count(keyId, queuedJobs, trainingSeconds !== null);
    const isFull = ({ queuedJobs: waiting }: Count) => queuedJobs !== null && waiting >= queuedJobs;
    let known = this.counts.get(keyId);
    if (!known || Date.now() - known.countedAt > rememberMs || isFull(known)) known = await count();
    if (trainingSeconds !== null && known.trainingSeconds >= trainingSeconds) {
      const message = `more than ${trainingSeconds} s of training today (UTC)`;
      throw new LimitError('trainingSecondsPerDay', message, Math.ceil(known.secondsLeftToday));
    }
    if (isFull(known)) {
      throw new LimitError('queuedJobs', `no more than ${queuedJobs} jobs of this key may wait`, queueRetrySeconds);
    }
    known.queuedJobs += 1;
    this.underWay.set(keyId, (this.underWay.get(keyId) ?? 0) + 1);
  }

  private leave(keyId: string, took: boolean): void {
    const left = (this.underWay.get(keyId) ?? 1) - 1;
    if (left > 0) this.underWay.set(keyId, left);
    else this.underWay.delete(keyId);
    const known = this.counts.get(keyId);
    if (known && !took) known.queuedJobs -= 1;
  }

  /** Requests that come while a key is counted wait for the same count. */
  private count(keyId: string, queuedJobs: number | null, training: boolean): Promise<Count> {
    const running = this.counting.get(keyId);
    if (running) return running;
    const underWay = this.underWay.get(keyId) ?? 0;
    const counting = this.usage.of(keyId, queuedJobs, training).then((usage) => {
      if (this.counts.size >= rememberedKeys) this.counts.clear();
      const count = { ...usage, queuedJobs: usage.queuedJobs + underWay, countedAt: Date.now() };
      this.counts.set(keyId, count);
      return count;
    });
    const done = () => this.counting.delete(keyId);
    counting.then(done, done);
    this.counting.set(keyId, counting);
    return counting;
  }
}
