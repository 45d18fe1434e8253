import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultMigrationsFolder, MigrationError, migrate } from '@trainyard/db';
import { createTestDatabase } from '@trainyard/test-kit';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';

async function emptyDatabase(): Promise<string> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return database.url;
}

async function migrationsCopy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-migrations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(defaultMigrationsFolder, folder, { recursive: true });
  return folder;
}

/** Names of the repository's migrations, in their order. */
const migrationNames = async (): Promise<string[]> =>
  (await readdir(defaultMigrationsFolder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Row>(sql);
  await client.end();
  return rows;
}

test('processes that start at the same time apply each migration once', async () => {
  const url = await emptyDatabase();
  const applied = await Promise.all([migrate(url), migrate(url), migrate(url), migrate(url)]);
  expect(applied.flat()).toEqual(await migrationNames());
  expect(await migrate(url)).toEqual([]);
});

test('the ledger is as Prisma writes it: one row per migration, with the SHA-256 of its file', async () => {
  const url = await emptyDatabase();
  await migrate(url);
  const names = await migrationNames();
  const files = await Promise.all(names.map((name) => readFile(join(defaultMigrationsFolder, name, 'migration.sql'))));
  const rows = await query(
    url,
    'SELECT *, finished_at >= started_at AS "inOrder" FROM _prisma_migrations ORDER BY migration_name',
  );
  expect(rows).toMatchObject(
    files.map((file, i) => ({
      checksum: createHash('sha256').update(file).digest('hex'),
      migration_name: names[i],
      logs: null,
      rolled_back_at: null,
      applied_steps_count: 1,
      inOrder: true,
    })),
  );
});

test('rows of the history get the validation figures of the epoch that was tested', async () => {
  const url = await emptyDatabase();
  const folder = await migrationsCopy();
  for (const name of await migrationNames())
    if (name >= '20261201120000') await rm(join(folder, name), { recursive: true });
  await migrate(url, folder);
  await query(
    url,
    `INSERT INTO jobs (id, project, experiment, tags, notes, priority, architecture, parameters, dataset, spec,
       max_attempts) VALUES ('j', 'default', 'e', '{}', '', 0, 'lenet', 1, 'd', '{}', 3);
     INSERT INTO attempts (job_id, number, worker_id, started_at, resumed_from_epoch) VALUES ('j', 1, 'w', now(), 0);
     INSERT INTO epoch_metrics SELECT 'j', e, 1, 1, 0, e, e / 10.0, 0, 0, 0, 0, false FROM generate_series(1, 3) e;
     INSERT INTO test_results (job_id, project, epoch, loss, accuracy, correct, total, seconds, experiment,
       architecture, dataset, dataset_version, training_seconds, finished_at)
       VALUES ('j', 'default', 2, 1, 0.5, 1, 2, 1, 'e', 'lenet', 'd', 1, 1, now())`,
  );
  await migrate(url);
  expect(await query(url, 'SELECT epoch, validation_loss, validation_accuracy FROM test_results')).toEqual([
    { epoch: 2, validation_loss: 2, validation_accuracy: 0.2 },
  ]);
});

test('an accuracy with test augmentation, the only one of earlier versions, is named as such', async () => {
  const url = await emptyDatabase();
  const folder = await migrationsCopy();
  for (const name of await migrationNames())
    if (name >= '20261202160000') await rm(join(folder, name), { recursive: true });
  await migrate(url, folder);
  const job = (id: string, spec: string) =>
    query(
      url,
      `INSERT INTO jobs (id, project, experiment, tags, notes, priority, architecture, parameters, dataset, spec,
         max_attempts) VALUES ('${id}', 'default', 'e', '{}', '', 0, 'lenet', 1, 'd', '${spec}', 3);
       INSERT INTO attempts (job_id, number, worker_id, started_at, resumed_from_epoch)
         VALUES ('${id}', 1, 'w', now(), 0);
       INSERT INTO epoch_metrics SELECT '${id}', 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, false;
       INSERT INTO test_results (job_id, project, epoch, loss, accuracy, correct, total, seconds, validation_loss,
         validation_accuracy, experiment, architecture, dataset, dataset_version, training_seconds, finished_at)
         VALUES ('${id}', 'default', 1, 1, 0.5, 1, 2, 1, 1, 0, 'e', 'lenet', 'd', 1, 1, now())`,
    );
  await job('a', '{"testAugmentation": "mirror"}');
  await job('b', '{"testAugmentation": "none"}');
  await job('c', '{}');
  await migrate(url);
  const rows = await query(url, 'SELECT accuracy, accuracy_augmented, partial FROM test_results ORDER BY job_id');
  expect(rows).toEqual([
    { accuracy: 0.5, accuracy_augmented: 0.5, partial: false },
    { accuracy: 0.5, accuracy_augmented: null, partial: false },
    { accuracy: 0.5, accuracy_augmented: null, partial: false },
  ]);
});

test('a migration that was changed after it was applied is an error', async () => {
  const url = await emptyDatabase();
  const folder = await migrationsCopy();
  await migrate(url, folder);
  await writeFile(join(folder, '20260101000000_init', 'migration.sql'), '-- nothing\n', { flag: 'a' });
  await expect(migrate(url, folder)).rejects.toThrow(MigrationError);
});

test('a database of a newer version is refused', async () => {
  const url = await emptyDatabase();
  const folder = await migrationsCopy();
  await mkdir(join(folder, '20990101000000_later'));
  await writeFile(join(folder, '20990101000000_later', 'migration.sql'), 'CREATE TABLE later (id int);');
  await migrate(url, folder);
  await expect(migrate(url)).rejects.toThrow('20990101000000_later');
});

test('a migration that fails leaves nothing behind and can be applied once it is fixed', async () => {
  const url = await emptyDatabase();
  const folder = await migrationsCopy();
  const file = join(folder, '20990101000000_later', 'migration.sql');
  await mkdir(join(folder, '20990101000000_later'));
  await writeFile(file, 'CREATE TABLE later (id int); SELECT nonsense;');
  await expect(migrate(url, folder)).rejects.toThrow('20990101000000_later failed');
  await writeFile(file, 'CREATE TABLE later (id int);');
  expect(await migrate(url, folder)).toEqual(['20990101000000_later']);
});
