import type { Checkpoint } from '@trainyard/contracts';
import type { Prisma } from '../postgres/generated/client.js';
import type { Postgres } from '../postgres/postgres.js';
import { type CommittedCheckpoint, toCommitted } from './storeCheckpoint.js';

export type StoredCheckpoint = CommittedCheckpoint & { checkpoint: Checkpoint };

/** The checkpoints of a project's jobs. */
export class Checkpoints {
  constructor(
    private readonly postgres: Postgres,
    private readonly project: string,
  ) {}

  /** Oldest first. */
  async list(jobId: string): Promise<Checkpoint[]> {
    const where = { jobId, attemptRow: { job: { project: this.project } } };
    const orderBy = [{ epoch: 'asc' }, { step: 'asc' }] as const;
    const rows = await this.postgres.prisma.checkpoint.findMany({ where, orderBy: [...orderBy] });
    return rows.map(toCheckpoint);
  }

  /** @param ref `best`, `last`, or the number of complete epochs. */
  async find(jobId: string, ref: 'best' | 'last' | number): Promise<StoredCheckpoint | null> {
    const which = typeof ref === 'number' ? { epoch: ref, step: 0 } : { [ref]: true };
    const row = await this.postgres.prisma.checkpoint.findFirst({
      where: { jobId, attemptRow: { job: { project: this.project } }, ...which },
    });
    return row && { checkpoint: toCheckpoint(row), ...toCommitted(row) };
  }
}

const toCheckpoint = (row: Prisma.CheckpointModel): Checkpoint => ({
  epoch: row.epoch,
  step: row.step,
  attempt: row.attempt,
  best: row.best,
  last: row.last,
  bytes: Number(row.bytes),
  weightsSha256: row.weightsSha256,
  validationLoss: row.validationLoss,
  validationAccuracy: row.validationAccuracy,
  createdAt: row.createdAt.toISOString(),
});
