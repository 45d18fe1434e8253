import { buildEvaluateProgram } from '@trainyard/program';
import { expect, it } from 'vitest';
import { modelOf, trainOptions } from '../models.js';

const model = modelOf([
  { type: 'conv2d', filters: 4, kernel: 3 },
  { type: 'batchNorm' },
  { type: 'spatialDropout' },
  { type: 'flatten' },
  { type: 'dropout' },
  { type: 'dense', units: 4 },
]);
const evaluation = (weights: 'model' | 'ema', confusion = false) =>
  buildEvaluateProgram({ ...trainOptions(model), split: 'test', weights, confusion });
const persistent = (weights: 'model' | 'ema') =>
  evaluation(weights)
    .slots.filter(({ role }) => role === 'persistent')
    .map(({ name }) => name);

it('has no dropout, update of weights or statistics, or label smoothing', () => {
  const { ops } = evaluation('model');
  expect(ops.map(({ kind }) => kind)).toEqual([
    'gatherLabels',
    'gatherImages',
    'conv2d',
    'batchNormInference',
    'dense',
    'softmaxCrossEntropy',
    'accumulate',
  ]);
  const loss = ops.find((op) => op.kind === 'softmaxCrossEntropy');
  expect(loss).toMatchObject({ labelSmoothing: 0, out: { dlogits: null } });
});

it('counts label against prediction where `confusion` is set', () => {
  expect(evaluation('model', true).ops.map((op) => op.kind)).toContain('confusion');
  expect(evaluation('model', false).ops.map((op) => op.kind)).not.toContain('confusion');
});

it('counts labels among the five largest logits where there are more classes', () => {
  const kindsOf = (classes: number) => {
    const wide = modelOf([{ type: 'flatten' }, { type: 'dense', units: classes }], [6, 7, 3], classes);
    const program = buildEvaluateProgram({ ...trainOptions(wide), split: 'test', weights: 'model', confusion: true });
    return program.ops.map((op) => op.kind);
  };
  expect(kindsOf(6)).toContain('topHits');
  expect(kindsOf(5)).not.toContain('topHits');
});

it('is fed only indices', () => {
  expect(
    evaluation('model')
      .slots.filter(({ role }) => role === 'feed')
      .map(({ name }) => name),
  ).toEqual(['feed/indices']);
});

it('reads the averages of weights and of running statistics', () => {
  const names = model.weights.map(({ name }) => `ema/${name}`);
  expect(persistent('ema')).toEqual(expect.arrayContaining(names));
  expect(persistent('ema')).toHaveLength(model.weights.length + 3);
  expect(persistent('model')).toEqual(expect.arrayContaining(model.weights.map(({ name }) => name)));
});
