import type { OpKind } from '@trainyard/program';
import type { OpCase } from '../oneOp.js';
import { convolutionCases } from './convolution.js';
import { dataCases } from './data.js';
import { denseCases } from './dense.js';
import { elementwiseCases } from './elementwise.js';
import { lossCases } from './loss.js';
import { normalizationCases } from './normalization.js';
import { poolingCases } from './pooling.js';
import { updateCases } from './update.js';

/**
 * For every op: inputs of odd shapes, batches of one, 1, 3 and 17 channels, and the settings that change its result. An
 * op of the table without cases is a type error here.
 */
export const cases: { readonly [Kind in OpKind]: readonly OpCase<Kind>[] } = {
  ...dataCases,
  ...convolutionCases,
  ...denseCases,
  ...poolingCases,
  ...normalizationCases,
  ...elementwiseCases,
  ...lossCases,
  ...updateCases,
};
