import type { AuditEntry } from '@trainyard/contracts';
import type { Database } from '@trainyard/db';
import type { FastifyBaseLogger } from 'fastify';

/** Entries in one statement. */
const batchSize = 500;
/** Entries kept in memory while the database is unavailable; beyond this the oldest are dropped. */
const maxPending = 20_000;

/**
 * Collects audit entries in memory and writes them in batches, so that no request waits for the database. While the
 * database is unavailable, entries stay in memory. A killed process loses the entries since the last flush.
 */
export class AuditLog {
  private pending: AuditEntry[] = [];
  private writing: Promise<void> = Promise.resolve();
  /** Of consecutive failures only the first is logged. */
  private failing = false;

  constructor(
    private readonly db: Pick<Database, 'audit'>,
    private readonly logger: Pick<FastifyBaseLogger, 'warn' | 'error'>,
  ) {}

  add(entry: AuditEntry): void {
    if (this.pending.length >= maxPending) {
      this.pending.shift();
      this.logger.error({ maxPending }, 'audit entry dropped: the database is unavailable and the buffer is full');
    }
    this.pending.push(entry);
  }

  /** Resolves when every entry added so far is stored, or when storing it has failed (then a later flush retries). */
  flush(): Promise<void> {
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    while (this.pending.length > 0) {
      const entries = this.pending.splice(0, batchSize);
      try {
        await this.db.audit.add(entries);
      } catch (error) {
        this.pending.unshift(...entries);
        if (!this.failing) {
          this.logger.warn({ err: error, pending: this.pending.length }, 'cannot write audit entries; will retry');
        }
        this.failing = true;
        return;
      }
      this.failing = false;
    }
  }
}
