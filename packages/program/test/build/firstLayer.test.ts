import { buildTrainProgram } from '@trainyard/program';
import { expect, it } from 'vitest';
import { modelOf, trainOptions } from '../models.js';

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
