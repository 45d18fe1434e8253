import { openNativeExecutor } from '@trainyard/executor-native';
import { describeNaNWeights } from '../describeNaNWeights.js';
import { describeNonFinite } from '../describeNonFinite.js';

// Read when the addon is loaded, by the first test: a file of tests has a process of its own.
process.env.TRAINYARD_ISA = 'baseline';

async function open() {
  const executor = await openNativeExecutor();
  if (/avx/.test(executor.info.version)) throw new Error(`not limited: ${executor.info.version}`);
  return executor;
}

describeNonFinite('native with baseline at most', open);
describeNaNWeights('native with baseline at most', open);
