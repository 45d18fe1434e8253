import path from 'node:path';
import { resolveModel } from '@trainyard/architectures';
import { DiskArtifactStore, writeCheckpoint } from '@trainyard/artifacts';
import { completeJobSpecSchema } from '@trainyard/contracts';
import type { Client } from 'pg';
import type { Service } from '../shared/service.js';

/** Stores a checkpoint of a preset as the best one of a finished job of it. Returns the id of the job. */
export async function storeCheckpoint({ config }: Service, client: Client, preset: 'lenet' | 'vgg6'): Promise<string> {
  const { rows } = await client.query(
    `SELECT id, spec FROM jobs WHERE state = 'succeeded' AND architecture = $1 ORDER BY id LIMIT 1`,
    [preset],
  );
  const jobId: string = rows[0].id;
  const artifacts = new DiskArtifactStore(config.folders.artifacts);
  const folder = path.join(await artifacts.newStagingFolder(jobId, 1), 'epoch-20');
  const { model } = resolveModel(preset, [32, 32, 3], 10);
  if (!model) throw new Error(`${preset} is not a preset`);
  const weights = model.weights.map(({ name, shape }) => ({
    name,
    shape,
    dtype: 'F32' as const,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
  }));
  const manifest = await writeCheckpoint(folder, {
    manifest: {
      format: 1,
      jobId,
      attempt: 1,
      cursor: { epoch: 20, step: 0, globalStep: 40_000 },
      metrics: null,
      best: { epoch: 20, value: 1 },
      spec: completeJobSpecSchema.parse(rows[0].spec),
      inputShape: [32, 32, 3],
      codeVersion: '0.1.0',
      dataset: { name: 'cifar10', version: 1, digest: '0'.repeat(64), classes: Array.from({ length: 10 }, String) },
      normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
      createdAt: new Date().toISOString(),
    },
    model,
    weights,
    state: [],
  });
  const key = `jobs/${jobId}/1-20-0`;
  await artifacts.commit(folder, key);
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const digest = manifest.files.find(({ name }) => name === 'weights.bin')?.sha256;
  await client.query(
    `INSERT INTO checkpoints (job_id, epoch, step, global_step, attempt, best, last, key, bytes, weights_sha256,
       manifest, created_at)
     VALUES ($1, 20, 0, 40000, 1, true, true, $2, $3, $4, $5, now())`,
    [jobId, key, bytes, digest, JSON.stringify(manifest)],
  );
  return jobId;
}
