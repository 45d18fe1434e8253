import type { TestPredictions } from '@trainyard/contracts';
import type { Connection } from '../../postgres/postgres.js';
import { sql } from '../../postgres/sql.js';
import { toBytes } from './bytes.js';

/**
 * Stores the predictions of a job whose test is stored; the true classes once for all jobs of a test split, in place of
 * those that only an imported job brought.
 */
export async function storePredictions(tx: Connection, jobId: string, predictions: TestPredictions): Promise<void> {
  const { datasetDigest, labels } = predictions;
  const [predicted, confidences, labelProbabilities] = [
    toBytes(predictions.predicted),
    toBytes(predictions.confidences),
    toBytes(predictions.labelProbabilities),
  ];
  await tx.execute(sql`
    INSERT INTO test_labels (dataset_digest, labels) VALUES (${datasetDigest}, ${toBytes(labels)})
    ON CONFLICT (dataset_digest) DO UPDATE SET labels = excluded.labels, imported = false
    WHERE test_labels.imported`);
  await tx.execute(sql`
    INSERT INTO test_predictions (job_id, dataset_digest, predicted, confidences, label_probabilities)
    VALUES (${jobId}, ${datasetDigest}, ${predicted}, ${confidences}, ${labelProbabilities})`);
}
