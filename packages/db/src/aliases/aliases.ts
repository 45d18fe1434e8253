import { type Alias, type AliasMove, ConflictError, maxAliases, maxAliasMoves } from '@trainyard/contracts';
import type { Prisma } from '../postgres/generated/client.js';
import type { Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';

/** Where an alias is to point, and the key that moves it. */
export type AliasTarget = Pick<Alias, 'jobId' | 'epoch' | 'weightsSha256' | 'keyId'>;

/** Names for checkpoints of a project's experiments, such as `champion`, and all their moves. */
export class Aliases {
  constructor(
    private readonly postgres: Postgres,
    private readonly project: string,
  ) {}

  /** Of one experiment, by name. */
  async list(experiment: string): Promise<Alias[]> {
    const where = { project: this.project, experiment };
    const rows = await this.postgres.prisma.alias.findMany({ where, orderBy: { alias: 'asc' } });
    return rows.map(toAlias);
  }

  async find(experiment: string, alias: string): Promise<Alias | null> {
    const id = { project: this.project, experiment, alias };
    const row = await this.postgres.prisma.alias.findUnique({ where: { project_experiment_alias: id } });
    return row && toAlias(row);
  }

  /** The newest moves, newest first; also of an alias that was removed. */
  async history(experiment: string, alias: string): Promise<AliasMove[]> {
    const where = { project: this.project, experiment, alias };
    const rows = await this.postgres.prisma.aliasMove.findMany({ where, orderBy: { id: 'desc' }, take: maxAliasMoves });
    return rows.map(({ jobId, epoch, weightsSha256, keyId, movedAt }) => ({
      jobId,
      epoch,
      weightsSha256,
      keyId,
      movedAt: movedAt.toISOString(),
    }));
  }

  /**
   * Points an alias, new or not, to another checkpoint. Readers see the old one or the new one: it is one statement,
   * which also writes the history, in the order of the moves.
   * @throws ConflictError where the experiment has too many
   */
  async move(experiment: string, alias: string, { jobId, epoch, weightsSha256, keyId }: AliasTarget): Promise<void> {
    const moved = await this.postgres.execute(sql`
      WITH moved AS (
        INSERT INTO aliases (project, experiment, alias, job_id, epoch, weights_sha256, key_id, moved_at)
        SELECT ${this.project}, ${experiment}, ${alias}, ${jobId}, ${epoch}::int, ${weightsSha256}, ${keyId}, now()
        WHERE (SELECT count(*) FROM aliases WHERE project = ${this.project} AND experiment = ${experiment}
            AND alias <> ${alias}) < ${maxAliases}::int
        ON CONFLICT (project, experiment, alias) DO UPDATE SET job_id = excluded.job_id, epoch = excluded.epoch,
          weights_sha256 = excluded.weights_sha256, key_id = excluded.key_id, moved_at = excluded.moved_at
        RETURNING *)
      INSERT INTO alias_moves (project, experiment, alias, job_id, epoch, weights_sha256, key_id, moved_at)
      SELECT project, experiment, alias, job_id, epoch, weights_sha256, key_id, moved_at FROM moved`);
    if (moved === 0)
      throw new ConflictError(`the experiment has ${maxAliases} aliases, which is the most; remove one of them first`);
  }

  /** @returns whether there was one; its history stays. */
  async remove(experiment: string, alias: string, keyId: string): Promise<boolean> {
    const removed = await this.postgres.execute(sql`
      WITH removed AS (
        DELETE FROM aliases WHERE project = ${this.project} AND experiment = ${experiment} AND alias = ${alias}
        RETURNING *)
      INSERT INTO alias_moves (project, experiment, alias, key_id, moved_at)
      SELECT project, experiment, alias, ${keyId}, now() FROM removed`);
    return removed > 0;
  }
}

const toAlias = ({ project: _, movedAt, ...row }: Prisma.AliasModel): Alias => ({
  ...row,
  movedAt: movedAt.toISOString(),
});
