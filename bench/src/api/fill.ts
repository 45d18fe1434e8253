/**
 * Fills a database, by SQL, with what a service has after years of use: jobs, attempts, epochs, test results, events.
 */
import { completeJobSpecSchema, type ExecutorInfo } from '@trainyard/contracts';
import type { Client } from 'pg';

export const epochsPerJob = 30;
/** They are called `class 0` and so on. */
export const classesPerJob = 10;

/** Of a hundred jobs; the rest was cancelled. */
const shares = { succeeded: 90, failed: 6, queued: 1 };
const failedBelow = shares.succeeded + shares.failed;
const queuedBelow = failedBelow + shares.queued;

const spec = completeJobSpecSchema.parse({
  architecture: 'lenet',
  dataset: { name: 'cifar10', version: 1 },
  epochs: epochsPerJob,
  seed: 1,
});
const executor: ExecutorInfo = {
  name: 'native',
  device: 'cpu',
  threads: 2,
  version: 'oneDNN',
  precision: 'fp32',
};

/** SQL for the id of job i, from 1. */
const idOf = (i: string): string => `'job_' || lpad((${i})::text, 26, '0')`;

/**
 * @param client of a superuser, because checks of foreign keys are off meanwhile, as in a restore.
 * @param experiments among which the jobs are divided
 */
export async function fill(client: Client, jobs: number, experiments = 500): Promise<void> {
  await client.query('SET session_replication_role = replica; SET synchronous_commit = off');
  await insertJobs(client, jobs, experiments);
  await insertAttempts(client, jobs);
  await insertResults(client);
  await client.query('RESET session_replication_role');
  await client.query('VACUUM ANALYZE');
}

async function insertJobs(client: Client, jobs: number, experiments: number): Promise<void> {
  await client.query(
    `INSERT INTO jobs (id, project, state, experiment, tags, notes, priority, architecture, parameters, dataset,
       dataset_version, spec, attempt, max_attempts, failures, event_count, best_epoch, best_validation_loss,
       best_validation_accuracy, best_train_loss, best_train_accuracy, failure_code, failure_message, created_at,
       started_at, finished_at)
     SELECT ${idOf('i')}, 'default', state::job_state, experiment, '{}', '', 0, architecture, 62006, 'cifar10', 1,
       $2::jsonb || jsonb_build_object('experiment', experiment, 'architecture', architecture), 1, 3,
       (state = 'failed')::int, ${epochsPerJob} + 4, 20, random(), random(), (2 + random()) / 20, random(),
       CASE WHEN state = 'failed' THEN 'diverged' END, CASE WHEN state = 'failed' THEN 'the loss is no number' END,
       at, CASE WHEN state <> 'queued' THEN at END, CASE WHEN state <> 'queued' THEN at + interval '40 s' END
     FROM generate_series(1, $1::int) i,
       LATERAL (SELECT CASE WHEN i % 100 < ${shares.succeeded} THEN 'succeeded'
         WHEN i % 100 < ${failedBelow} THEN 'failed' WHEN i % 100 < ${queuedBelow} THEN 'queued'
         ELSE 'cancelled' END AS state,
         'experiment ' || i % $3::int AS experiment, (ARRAY['lenet','cnn3','vgg6'])[1 + i % 3] AS architecture,
         now() - ($1::int - i) * interval '90 s' AS at)`,
    [jobs, JSON.stringify(spec), experiments],
  );
}

async function insertAttempts(client: Client, jobs: number): Promise<void> {
  await client.query(
    `INSERT INTO attempts (job_id, number, worker_id, started_at, finished_at, outcome, executor, resumed_from_epoch)
     SELECT id, 1, 'wrk_00000000000000000000000000', started_at, finished_at, state::text::attempt_outcome,
       $1::jsonb, 0
     FROM jobs WHERE started_at IS NOT NULL`,
    [JSON.stringify(executor)],
  );
  await client.query(
    `INSERT INTO epoch_metrics (job_id, epoch, attempt, train_loss, train_accuracy, validation_loss,
       validation_accuracy, learning_rate, train_seconds, validation_seconds, images_per_second, best)
     SELECT ${idOf('i')}, epoch, 1, (2 + random()) / epoch, random(), (2.1 + random()) / epoch, random(), 0.01,
       1.2, 0.1, 33000, epoch <= 20
     FROM generate_series(1, $1::int) i, generate_series(1, ${epochsPerJob}) epoch`,
    [jobs],
  );
}

async function insertResults(client: Client): Promise<void> {
  await client.query(
    `INSERT INTO test_results (job_id, project, epoch, loss, accuracy, correct, total, seconds,
       validation_loss, validation_accuracy, experiment, architecture, dataset, dataset_version, training_seconds,
       finished_at)
     SELECT id, project, 20, 0.5 + random(), correct / 10000.0, correct, 10000, 0.2, 0.105, 0.5, experiment,
       architecture,
       dataset, 1, 20 + 40 * random(), finished_at
     FROM jobs, LATERAL (SELECT (length(id) + 5000 + 3000 * random())::int AS correct) AS test
     WHERE state = 'succeeded'`,
  );
  await client.query(
    `INSERT INTO class_results (job_id, class_index, name, correct, total, accuracy, precision, recall, f1)
     SELECT job_id, class, 'class ' || class, correct, 1000, correct / 1000.0, random(), correct / 1000.0, random()
     FROM (SELECT job_id, class, (300 + 700 * random())::int AS correct
       FROM test_results, generate_series(0, ${classesPerJob - 1}) class) drawn`,
  );
  await client.query(
    `INSERT INTO events (job_id, sequence, type, at, attempt, data)
     SELECT id, sequence, 'epoch', created_at, 1, '{}' FROM jobs, generate_series(1, 4) sequence`,
  );
}

/** Rows of the tables that the measured pages read. */
export async function countRows(client: Client): Promise<{ jobs: number; epochs: number; tested: number }> {
  const { rows } = await client.query(
    `SELECT (SELECT count(*)::int FROM jobs) AS jobs, (SELECT count(*)::int FROM epoch_metrics) AS epochs,
       (SELECT count(*)::int FROM test_results) AS tested`,
  );
  return rows[0];
}

export interface JobIds {
  succeeded: string[];
  queued: string[];
}

/** At most a thousand ids of each state, drawn at random. */
export async function drawJobIds(client: Client): Promise<JobIds> {
  const idsOf = async (state: string): Promise<string[]> => {
    const { rows } = await client.query('SELECT id FROM jobs WHERE state = $1 ORDER BY random() LIMIT 1000', [state]);
    return rows.map(({ id }) => id);
  };
  return { succeeded: await idsOf('succeeded'), queued: await idsOf('queued') };
}
