import type { EpochMetrics } from '@trainyard/contracts';
import type { Postgres } from '../postgres/postgres.js';

/** The metrics of the epochs of a project's jobs. */
export class Epochs {
  constructor(
    private readonly postgres: Postgres,
    private readonly project: string,
  ) {}

  /** From the first epoch. */
  async list(jobId: string): Promise<EpochMetrics[]> {
    const rows = await this.postgres.prisma.epochMetrics.findMany({
      where: { jobId, attemptRow: { job: { project: this.project } } },
      omit: { jobId: true, attempt: true },
      orderBy: { epoch: 'asc' },
    });
    return rows;
  }
}
