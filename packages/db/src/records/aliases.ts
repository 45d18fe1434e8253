import {
  ConflictError,
  type ExperimentRecord,
  maxAliases,
  maxRecordedMoves,
  recordVersion,
} from '@trainyard/contracts';
import type { Prisma } from '../postgres/generated/client.js';
import type { Connection } from '../postgres/postgres.js';
import { json, sql } from '../postgres/sql.js';

/** The aliases of an experiment, and their newest moves, oldest first. */
export async function readAliases(
  { prisma }: Connection,
  project: string,
  experiment: string,
): Promise<ExperimentRecord> {
  const where = { project, experiment };
  const aliases = await prisma.alias.findMany({ where, orderBy: { alias: 'asc' } });
  const moves = await prisma.aliasMove.findMany({ where, orderBy: { id: 'desc' }, take: maxRecordedMoves });
  return { version: recordVersion, aliases: aliases.map(toAlias), moves: moves.toReversed().map(toMove) };
}

/**
 * Stores aliases, and those moves that are not stored yet.
 * @throws ConflictError where an alias points elsewhere here, or where they are too many
 */
export async function storeAliases(
  tx: Connection,
  { project, experiment, record }: { project: string; experiment: string; record: ExperimentRecord },
): Promise<void> {
  const where = { project, experiment };
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`aliases ${project} ${experiment}`}, 0))`);
  for (const given of record.aliases) {
    const { alias, jobId, epoch, weightsSha256 } = given;
    const id = { project_experiment_alias: { ...where, alias } };
    const here = await tx.prisma.alias.findUnique({ where: id });
    if (here === null) await tx.prisma.alias.create({ data: { ...where, ...given } });
    else if (here.jobId !== jobId || here.epoch !== epoch || here.weightsSha256 !== weightsSha256)
      throw new ConflictError(
        `the alias ${experiment}@${alias} points to epoch ${here.epoch} of ${here.jobId} here, and to epoch ${epoch} ` +
          `of ${jobId} there; remove it here, or move it, and import again`,
      );
  }
  if ((await tx.prisma.alias.count({ where })) > maxAliases)
    throw new ConflictError(`the experiment ${experiment} would have more than ${maxAliases} aliases`);
  await tx.execute(sql`
    INSERT INTO alias_moves (project, experiment, alias, job_id, epoch, weights_sha256, key_id, moved_at)
    SELECT ${project}, ${experiment}, alias, "jobId", epoch, "weightsSha256", "keyId", "movedAt"
    FROM ROWS FROM (jsonb_to_recordset(${json(record.moves)}) AS (alias text, "jobId" text, epoch int,
        "weightsSha256" text, "keyId" text, "movedAt" timestamptz))
      WITH ORDINALITY AS given(alias, "jobId", epoch, "weightsSha256", "keyId", "movedAt", position)
    WHERE NOT EXISTS (SELECT FROM alias_moves AS here WHERE here.project = ${project}
      AND here.experiment = ${experiment} AND here.alias = given.alias AND here.moved_at = given."movedAt"
      AND here.job_id IS NOT DISTINCT FROM given."jobId" AND here.epoch IS NOT DISTINCT FROM given.epoch)
    ORDER BY position`);
}

type Move = ExperimentRecord['moves'][number];

const toAlias = ({ alias, jobId, epoch, weightsSha256, keyId, movedAt }: Prisma.AliasModel) => ({
  alias,
  jobId,
  epoch,
  weightsSha256,
  keyId,
  movedAt: movedAt.toISOString(),
});

const toMove = ({ alias, jobId, epoch, weightsSha256, keyId, movedAt }: Prisma.AliasMoveModel): Move => ({
  alias,
  jobId,
  epoch,
  weightsSha256,
  keyId,
  movedAt: movedAt.toISOString(),
});
