import { type EpochMetrics, overfittingEpochs } from '@trainyard/contracts';
import { z } from 'zod';
import type { NewEvent } from '../jobs/transitions.js';
import type { Connection } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';

const lossesSchema = z.object({ epoch: z.int(), trainLoss: z.number(), validationLoss: z.number() });
type Losses = z.output<typeof lossesSchema>;

/**
 * The event of a job whose validation loss has risen in each of the last `overfittingEpochs` epochs while its training
 * loss has fallen in each; null where it has not, or where the job has the event already.
 *
 * @param metrics of the newest epoch, which is not stored yet.
 */
export async function overfittingEvent(
  tx: Connection,
  jobId: string,
  { epoch, trainLoss, validationLoss }: EpochMetrics,
): Promise<NewEvent | null> {
  if (epoch <= overfittingEpochs) return null;
  const before = await tx.query(
    lossesSchema,
    sql`SELECT epoch, train_loss AS "trainLoss", validation_loss AS "validationLoss" FROM epoch_metrics
      WHERE job_id = ${jobId} AND epoch >= ${epoch - overfittingEpochs}::int ORDER BY epoch`,
  );
  const losses: Losses[] = [...before, { epoch, trainLoss, validationLoss }];
  if (losses.length <= overfittingEpochs || !losses.every((each, i) => i === 0 || parts(losses[i - 1], each)))
    return null;
  const known = await tx.query(
    z.object({}),
    sql`SELECT FROM events WHERE job_id = ${jobId} AND type = 'overfitting' LIMIT 1`,
  );
  if (known.length > 0) return null;
  const [first] = losses;
  const data = { epoch, epochs: overfittingEpochs, trainLoss, validationLoss, from: first };
  return { type: 'overfitting', data };
}

/** Whether the losses move apart: that of the training images falls, that of the validation images rises. */
const parts = (before: Losses | undefined, after: Losses): boolean =>
  before !== undefined && after.trainLoss < before.trainLoss && after.validationLoss > before.validationLoss;
