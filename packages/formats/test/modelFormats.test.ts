import { createHash } from 'node:crypto';
import { resolveModel } from '@trainyard/architectures';
import { type CheckpointManifest, completeJobSpecSchema, type ExportChoice } from '@trainyard/contracts';
import { describe, expect, it } from 'vitest';
import { bytesOf, encodeModelJson, exportVersion, modelFormat, parseSafetensors, storeWeights } from '../src/index.js';
import { provenanceOf, someWeights } from './models.js';

const choices: ExportChoice[] = [
  { format: 'onnx' },
  { format: 'onnx', input: 'uint8' },
  { format: 'safetensors', layout: 'torch' },
  { format: 'torch' },
  { format: 'safetensors' },
  { format: 'tfjs' },
];

/** A checkpoint of the preset lenet in which the weights are small whole numbers. */
function trained(
  changes: Partial<CheckpointManifest> = {},
  architecture: CheckpointManifest['spec']['architecture'] = 'lenet',
) {
  const { model } = resolveModel(architecture, [32, 32, 3], 10);
  if (!model) throw new Error('the architecture does not fit');
  const weights = someWeights(model).map((weight) => ({ ...weight, data: weight.data.map((_, i) => i % 7) }));
  const stored = storeWeights(model, weights);
  const manifest: CheckpointManifest = {
    ...provenanceOf(model),
    format: 2,
    metrics: null,
    best: null,
    spec: completeJobSpecSchema.parse({ architecture: 'lenet', seed: 7 }),
    createdAt: '2026-01-01T00:00:00.000Z',
    files: [],
    ...changes,
  };
  const modelJson = Buffer.from(encodeModelJson(model, stored, manifest));
  return { manifest, modelJson, weightsBin: Buffer.concat(stored.map(bytesOf)) };
}

it('have the bytes of their version: raise exportVersion with each change of what is written', async () => {
  const hash = createHash('sha256');
  for (const choice of choices) for (const part of await modelFormat(choice).encode(trained())) hash.update(part);
  expect({ exportVersion, sha256: hash.digest('hex') }).toMatchInlineSnapshot(`
    {
      "exportVersion": 1,
      "sha256": "2444e7398ba7af7af0d5a340b32038e6062bcf59c9dfcc8b6d61304c4c27fa14",
    }
  `);
});

describe('a checkpoint of a preset that has other layers by now', () => {
  const layers = [{ type: 'flatten' as const }, { type: 'dense' as const, units: 10, bias: true }];

  it.each(choices)('is written with its own layers as %j', async (choice) => {
    const parts = await modelFormat(choice).encode(trained({ layers }, { layers }));
    expect(Buffer.concat(parts).includes('dense_1')).toBe(true);
  });

  it('has its own weights, in the layout of PyTorch', async () => {
    const parts = await modelFormat({ format: 'safetensors', layout: 'torch' }).encode(trained({ layers }, { layers }));
    const { tensors } = parseSafetensors(Buffer.concat(parts));
    expect(tensors.map(({ name, shape }) => `${name} ${shape}`)).toEqual(['dense_1.weight 10,3072', 'dense_1.bias 10']);
  });

  it.each(choices.slice(0, 4))('is refused as %j where it does not list them', async (choice) => {
    const encoded = modelFormat(choice).encode(trained({}, { layers }));
    await expect(encoded).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('the formats tfjs and safetensors can still be downloaded'),
    });
  });
});
