import * as tf from '@tensorflow/tfjs-core';
import { buildTrainProgram, initialValues, slotNames } from '@trainyard/program';
import { expect, it } from 'vitest';
import { modelOf, optimizer, trainOptions } from '../../program/test/models.js';
import { openSession } from './programs.js';

it('frees every tensor', async () => {
  const before = tf.memory().numTensors;
  const session = await openSession();
  const model = modelOf([
    { type: 'conv2d', filters: 3, kernel: 3, padding: 'same' },
    { type: 'batchNorm' },
    { type: 'activation', kind: 'gelu' },
    { type: 'maxPool' },
    { type: 'dropout' },
    { type: 'flatten' },
    { type: 'dense', units: 4 },
  ]);
  const program = buildTrainProgram(trainOptions(model, { optimizer: optimizer('adam'), ema: true }));
  const loaded = await session.load(program);
  for (const [name, values] of initialValues(program, 1)) await session.write(name, values);
  const feeds = (steps: number) => ({
    [slotNames.indices]: new Int32Array(steps * 4).fill(3),
    [slotNames.learningRate]: new Float32Array(steps).fill(0.1),
    [slotNames.averaging]: new Float32Array(steps * 2).fill(0.5),
    [slotNames.step]: Int32Array.from({ length: steps }, (_, i) => i),
  });
  await loaded.run(1, feeds(1));
  const afterOne = tf.memory();
  await loaded.run(5, feeds(5));
  expect(tf.memory().numTensors).toBe(afterOne.numTensors);
  expect(tf.memory().numBytes).toBe(afterOne.numBytes);
  await expect(loaded.run(1, { ...feeds(1), [slotNames.indices]: new Int32Array(4).fill(99) })).rejects.toThrow(
    'image index 99 is outside',
  );
  expect(tf.memory().numTensors).toBe(afterOne.numTensors);
  await session.close();
  expect(tf.memory().numTensors).toBe(before);
});
