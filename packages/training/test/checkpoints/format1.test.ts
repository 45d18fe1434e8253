import { join } from 'node:path';
import { resolveModel } from '@trainyard/architectures';
import { readCheckpoint, writeCheckpoint } from '@trainyard/artifacts';
import type { JobSpecInput } from '@trainyard/contracts';
import type { NamedTensor } from '@trainyard/formats';
import { expect, it } from 'vitest';
import { bestFolder, curves, digestsOf, messagesOf, packToy, temporaryFolder, toySpec, trainToy } from '../toy.js';

const changes: Partial<JobSpecInput> = {
  epochs: 20,
  optimizer: 'adam',
  earlyStopping: { patience: 3, minDelta: 0.5 },
};

/** Rewrites a checkpoint as versions before format 2 did: what `training` has is a tensor of three doubles. */
async function asFormat1(folder: string): Promise<string> {
  const { manifest, weights, state } = await readCheckpoint(folder);
  const { training, files: _, ...common } = manifest;
  const { model } = resolveModel(manifest.spec.architecture, manifest.inputShape, manifest.dataset.classes.length);
  if (training === undefined || !model) throw new Error('not a checkpoint of format 2');
  const { improved, trainSeconds } = training;
  const doubles = Float64Array.of(improved?.value ?? 0, improved?.epoch ?? 0, trainSeconds);
  const standing: NamedTensor = {
    name: 'trainer/standing',
    shape: [24],
    dtype: 'U8',
    data: new Uint8Array(doubles.buffer),
  };
  const old = join(await temporaryFolder(), 'old');
  await writeCheckpoint(old, { manifest: { ...common, format: 1 }, model, weights, state: [standing, ...state] });
  return old;
}

it('a run resumes from a checkpoint of format 1 to the same bits, and early stopping counts on', async () => {
  const toy = await packToy();
  const whole = await trainToy(toy, { ...changes, checkpoint: { everySteps: 3 } });
  // Step 21 is within the third epoch: early stopping has two epochs to count, and trainSeconds is not zero.
  const index = whole.messages.findIndex(
    (message) => message.type === 'checkpoint' && message.checkpoint.manifest.cursor.globalStep === 21,
  );
  const [checkpoint] = messagesOf(whole.messages.slice(index, index + 1), 'checkpoint');
  const { folder, manifest } = checkpoint?.checkpoint ?? { folder: '', manifest: undefined };
  expect(manifest).toMatchObject({ format: 2, training: { improved: { epoch: expect.any(Number) } } });
  expect(manifest?.training?.trainSeconds).toBeGreaterThan(0);

  const first = { messages: whole.messages.slice(0, index + 1), last: { type: 'cancelled' as const } };
  const resumeFrom = await asFormat1(folder);
  const second = await trainToy(toy, changes, { attempt: 2, resumeFrom, bestSoFar: bestFolder(first) });
  expect(second.last.type).toBe('tested');
  expect(curves(first, second)).toEqual(curves(whole));
  const lastEpoch = curves(whole).length;
  expect(lastEpoch).toBeLessThan(toySpec(changes).epochs);
  expect((await digestsOf(second)).get(lastEpoch)).toBe((await digestsOf(whole)).get(lastEpoch));
});
