import path from 'node:path';
import { resolveModel } from '@trainyard/architectures';
import { type DiskArtifactStore, writeCheckpoint } from '@trainyard/artifacts';
import { completeJobSpecSchema } from '@trainyard/contracts';
import type { Client } from 'pg';
import { fill } from '../../../bench/src/api/fill.js';

const testImages = 10_000;
const digest = 'a'.repeat(64);

/**
 * Fills a database with jobs of thirty epochs and ten classes: as `fill`, and with what an export needs besides: tags
 * and notes, confusion matrices, predictions of 10,000 test images, a checkpoint of LeNet for each tested job, aliases.
 */
export async function fillJobs(client: Client, artifacts: DiskArtifactStore, jobs: number): Promise<string[]> {
  await fill(client, jobs, 20);
  await client.query(
    `UPDATE jobs SET tags = ARRAY['night', 'seed ' || length(experiment)], notes = 'Täglich; "quoted"', name = id`,
  );
  await client.query(
    `INSERT INTO confusion_counts (job_id, actual, predicted, count)
     SELECT job_id, actual, predicted, 1 + (random() * 500)::int
     FROM test_results, generate_series(0, 9) actual, generate_series(0, 9) predicted`,
  );
  const { rows } = await client.query<{ id: string; spec: unknown }>(
    `SELECT id, spec FROM jobs WHERE state = 'succeeded' ORDER BY id`,
  );
  await client.query('INSERT INTO test_labels (dataset_digest, labels) VALUES ($1, $2)', [
    digest,
    uint16((i) => i % 10),
  ]);
  for (const [number, { id, spec }] of rows.entries()) {
    await client.query(
      `INSERT INTO test_predictions (job_id, dataset_digest, predicted, confidences, label_probabilities)
       VALUES ($1, $2, $3, $4, $5)`,
      [
        id,
        digest,
        uint16((i) => (i * (1 + (number % 7))) % 10),
        uint16((i) => (i * 7919 + number * 104_729) % 65_536),
        uint16((i) => (i * 6101 + number * 15_485) % 65_536),
      ],
    );
    await storeCheckpoint(client, artifacts, id, spec, number);
  }
  await client.query(
    `WITH first AS (SELECT DISTINCT ON (experiment) project, experiment, jobs.id, epoch, weights_sha256
       FROM jobs JOIN checkpoints ON job_id = jobs.id ORDER BY experiment, jobs.id),
     moved AS (INSERT INTO alias_moves (project, experiment, alias, job_id, epoch, weights_sha256, key_id, moved_at)
       SELECT project, experiment, 'champion', id, epoch, weights_sha256, $1, now() FROM first RETURNING *)
     INSERT INTO aliases SELECT project, experiment, alias, job_id, epoch, weights_sha256, key_id, moved_at FROM moved`,
    [`key_${'0'.repeat(26)}`],
  );
  await client.query('ANALYZE');
  return rows.map(({ id }) => id);
}

function uint16(value: (i: number) => number): Buffer {
  const bytes = Buffer.alloc(2 * testImages);
  for (let i = 0; i < testImages; i++) bytes.writeUInt16LE(value(i), 2 * i);
  return bytes;
}

/** A checkpoint whose weights no other job has. */
async function storeCheckpoint(
  client: Client,
  artifacts: DiskArtifactStore,
  jobId: string,
  spec: unknown,
  number: number,
): Promise<void> {
  const { model } = resolveModel('lenet', [32, 32, 3], 10);
  if (!model) throw new Error('lenet does not fit');
  const folder = path.join(await artifacts.newStagingFolder(jobId, 1), 'epoch-20');
  const weights = model.weights.map(({ name, shape }) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    return { name, shape, dtype: 'F32' as const, data: data.map((_, i) => Math.sin(i + number)) };
  });
  const manifest = await writeCheckpoint(folder, {
    manifest: {
      format: 1,
      jobId,
      attempt: 1,
      cursor: { epoch: 20, step: 0, globalStep: 40_000 },
      metrics: null,
      best: { epoch: 20, value: 1 },
      spec: completeJobSpecSchema.parse(spec),
      inputShape: [32, 32, 3],
      codeVersion: '0.1.0',
      dataset: { name: 'cifar10', version: 1, digest, classes: Array.from({ length: 10 }, (_, i) => `class ${i}`) },
      normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
      createdAt: new Date().toISOString(),
    },
    model,
    weights,
    state: [],
  });
  const key = `jobs/${jobId}/1-20-0`;
  await artifacts.commit(folder, key);
  const sizes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const sha256 = manifest.files.find(({ name }) => name === 'weights.bin')?.sha256;
  await client.query(
    `INSERT INTO checkpoints (job_id, epoch, step, global_step, attempt, best, last, key, bytes, weights_sha256,
       manifest, created_at)
     VALUES ($1, 20, 0, 40000, 1, true, true, $2, $3, $4, $5, now())`,
    [jobId, key, sizes, sha256, JSON.stringify(manifest)],
  );
}
