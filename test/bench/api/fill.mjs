/** What a service has after years of use, written by SQL: jobs, attempts, epochs, tests, events. */

export const epochsPerJob = 30;

/** Of a hundred jobs. The rest was cancelled. */
const shares = { succeeded: 90, failed: 6, queued: 1 };

const spec = {
  ...{ name: null, experiment: 'default', tags: [], notes: '', priority: 0, architecture: 'lenet', seed: 1 },
  dataset: { name: 'cifar10', version: 1, validationFraction: 0.2, validationSplit: 'shuffled', limit: null },
  ...{ learningRate: 0.01, batchSize: 20, epochs: epochsPerJob, precision: 'fp32', maxAttempts: 3, device: 'auto' },
  optimizer: { type: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
  schedule: { type: 'constant', warmupEpochs: 0 },
  loss: { type: 'crossEntropy', labelSmoothing: 0 },
  augmentation: { flip: false, translate: 0, cutout: 0 },
  ...{ normalization: 'half', earlyStopping: null, ema: null },
  checkpoint: { metric: 'validationLoss', every: 1, everySeconds: 120, everySteps: null, keep: 2 },
};
const executor = { name: 'native', device: 'cpu', threads: 2, version: 'oneDNN' };

/** The id of job i, from 1. */
const idOf = (i) => `'job_' || lpad((${i})::text, 26, '0')`;

/** @param {import('pg').Client} client as a superuser: the checks of foreign keys are left out, as on a restore. */
export async function fill(client, jobs) {
  await client.query('SET session_replication_role = replica; SET synchronous_commit = off');
  await client.query(
    `INSERT INTO jobs (id, project, state, experiment, tags, notes, priority, architecture, parameters, dataset, dataset_version, spec,
       attempt, max_attempts, failures, event_count, best_epoch, best_validation_loss, best_validation_accuracy,
       failure_code, failure_message, created_at, started_at, finished_at)
     SELECT ${idOf('i')}, 'default', state::job_state, 'experiment ' || i % 500, '{}', '', 0, (ARRAY['lenet','cnn3','vgg6'])[1 + i % 3],
       62006, 'cifar10', 1, $2::jsonb, 1, 3, (state = 'failed')::int, ${epochsPerJob} + 4, 20, random(), random(),
       CASE WHEN state = 'failed' THEN 'diverged' END, CASE WHEN state = 'failed' THEN 'the loss is no number' END,
       at, CASE WHEN state <> 'queued' THEN at END, CASE WHEN state <> 'queued' THEN at + interval '40 s' END
     FROM generate_series(1, $1::int) i,
       LATERAL (SELECT CASE WHEN i % 100 < ${shares.succeeded} THEN 'succeeded'
         WHEN i % 100 < ${shares.succeeded + shares.failed} THEN 'failed'
         WHEN i % 100 < ${shares.succeeded + shares.failed + shares.queued} THEN 'queued' ELSE 'cancelled' END AS state,
         now() - ($1::int - i) * interval '90 s' AS at)`,
    [jobs, JSON.stringify(spec)],
  );
  await client.query(
    `INSERT INTO attempts (job_id, number, worker_id, started_at, finished_at, outcome, executor, resumed_from_epoch)
     SELECT id, 1, 'wrk_00000000000000000000000000', started_at, finished_at, state::text::attempt_outcome, $1::jsonb, 0
     FROM jobs WHERE started_at IS NOT NULL`,
    [JSON.stringify(executor)],
  );
  await client.query(
    `INSERT INTO epoch_metrics (job_id, epoch, attempt, train_loss, train_accuracy, validation_loss, validation_accuracy,
       learning_rate, train_seconds, validation_seconds, images_per_second, best)
     SELECT ${idOf('i')}, epoch, 1, 2.0 / epoch, 0.5, 2.1 / epoch, 0.5, 0.01, 1.2, 0.1, 33000, epoch <= 20
     FROM generate_series(1, $1::int) i, generate_series(1, ${epochsPerJob}) epoch`,
    [jobs],
  );
  await client.query(
    `INSERT INTO test_results (job_id, project, epoch, loss, accuracy, correct, total, seconds, experiment, architecture, dataset,
       dataset_version, training_seconds, finished_at)
     SELECT id, project, 20, 1, correct / 10000.0, correct, 10000, 0.2, experiment, architecture, dataset, 1, 20 + 40 * random(), finished_at
     FROM jobs, LATERAL (SELECT (length(id) + 5000 + 3000 * random())::int AS correct) AS test WHERE state = 'succeeded'`,
  );
  await client.query(
    `INSERT INTO events (job_id, sequence, type, at, attempt, data)
     SELECT id, sequence, 'epoch', created_at, 1, '{}' FROM jobs, generate_series(1, 4) sequence`,
  );
  await client.query('RESET session_replication_role');
  await client.query('VACUUM ANALYZE');
}

/** Rows of the tables that the pages are read off. */
export async function counts(client) {
  const { rows } = await client.query(
    `SELECT (SELECT count(*)::int FROM jobs) AS jobs, (SELECT count(*)::int FROM epoch_metrics) AS epochs,
       (SELECT count(*)::int FROM test_results) AS tested`,
  );
  return rows[0];
}
