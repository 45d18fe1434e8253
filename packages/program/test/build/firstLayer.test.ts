import { freezeWeights } from '@trainyard/architectures';
import { lookaheadSchema } from '@trainyard/contracts';
import { buildTrainProgram } from '@trainyard/program';
import { expect, it } from 'vitest';
import { modelOf, optimizer, trainOptions } from '../models.js';

it('no gradient is computed before the first weight', () => {
  const model = modelOf([
    { type: 'activation' },
    { type: 'maxPool', size: 2 },
    { type: 'dropout' },
    { type: 'conv2d', filters: 3, kernel: 2 },
    { type: 'flatten' },
    { type: 'dense', units: 4 },
  ]);
  const program = buildTrainProgram(trainOptions(model, { passes: false }));
  const kinds = program.ops.map(({ kind }) => kind);
  expect(kinds.filter((kind) => /grad/i.test(kind))).toEqual(['denseGradFilter', 'denseGradInput', 'conv2dGradFilter']);
  expect(kinds.filter((kind) => kind === 'dropout')).toHaveLength(1);
});

it('no gradient and no state is computed for frozen weights, and none below the first that trains', () => {
  const conv = { type: 'conv2d', filters: 3, kernel: 2 } as const;
  const layers = modelOf([conv, { type: 'batchNorm' }, conv, { type: 'flatten' }, { type: 'dense', units: 4 }]);
  const frozen = freezeWeights(layers, ['*', '!dense_1']);
  const options = { optimizer: optimizer({ type: 'sgd', momentum: 0.9 }), ema: true, passes: false };
  const program = buildTrainProgram(trainOptions(frozen, { ...options, lookahead: lookaheadSchema.parse({}) }));
  const kinds = program.ops.map(({ kind }) => kind);
  expect(kinds).toContain('batchNormInference');
  expect(kinds.filter((kind) => /grad|batchNorm$/i.test(kind))).toEqual(['denseGradFilter']);
  const states = program.slots.filter(({ name }) => /^(momentum|ema|slow)\//.test(name)).map(({ name }) => name);
  expect(states).toEqual(
    ['dense_1/kernel', 'dense_1/bias']
      .flatMap((name) => [`momentum/${name}`])
      .concat(['dense_1/kernel', 'dense_1/bias'].flatMap((name) => [`slow/${name}`, `ema/${name}`])),
  );
});

it('the gradient of dropout draws what the dropout drew', () => {
  const dropout = { type: 'dropout' } as const;
  const dense = { type: 'dense', units: 4 } as const;
  const model = modelOf([{ type: 'flatten' }, dense, dropout, dense, dropout, dense]);
  const program = buildTrainProgram(trainOptions(model));
  const streams = program.ops.filter((op) => op.kind === 'dropout').map((op) => op.random.stream);
  const [first, second] = streams;
  expect(first).not.toBe(second);
  expect(streams).toEqual([first, second, second, first]);
});
