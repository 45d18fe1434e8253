import path from 'node:path';
import { resolveModel } from '@trainyard/architectures';
import { DiskArtifactStore, writeCheckpoint } from '@trainyard/artifacts';

/** Gives a finished job a checkpoint of the preset vgg6 to download; its id. */
export async function storeCheckpoint({ config }, client) {
  const { rows } = await client.query(`SELECT id, spec FROM jobs WHERE state = 'succeeded' ORDER BY id LIMIT 1`);
  const { id: jobId, spec } = rows[0];
  const artifacts = new DiskArtifactStore(config.folders.artifacts);
  const folder = path.join(await artifacts.newStagingFolder(jobId, 1), 'epoch-20');
  const { model } = resolveModel('vgg6', [32, 32, 3], 10);
  const weights = model.weights.map(({ name, shape }) => ({
    ...{ name, shape, dtype: 'F32' },
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
  }));
  const manifest = await writeCheckpoint(folder, {
    manifest: {
      ...{ format: 1, jobId, attempt: 1, cursor: { epoch: 20, step: 0, globalStep: 40_000 }, metrics: null },
      ...{ best: { epoch: 20, value: 1 }, spec, inputShape: [32, 32, 3], codeVersion: '0.1.0' },
      dataset: { name: 'cifar10', version: 1, digest: '0'.repeat(64), classes: Array.from({ length: 10 }, String) },
      normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
      createdAt: new Date().toISOString(),
    },
    ...{ model, weights, state: [] },
  });
  const key = `jobs/${jobId}/1-20-0`;
  await artifacts.commit(folder, key);
  await client.query(
    `INSERT INTO checkpoints (job_id, epoch, step, global_step, attempt, best, last, key, bytes, weights_sha256, manifest, created_at)
     VALUES ($1, 20, 0, 40000, 1, true, true, $2, $3, $4, $5, now())`,
    [
      ...[jobId, key, manifest.files.reduce((sum, { bytes }) => sum + bytes, 0)],
      ...[manifest.files.find(({ name }) => name === 'weights.bin').sha256, JSON.stringify(manifest)],
    ],
  );
  return jobId;
}
