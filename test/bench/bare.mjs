/**
 * The bare loop: the training steps and the validation of every epoch in this process, with nobody to tell and nothing to write.
 * Prints the wall-clock seconds of each epoch as one line of JSON.
 *
 *   node bare.mjs --spec '{...}' --dataset FILE --threads 2
 */
import { parseArgs } from 'node:util';
import { checkSpec } from '../../packages/architectures/dist/index.js';
import { openPacked } from '../../packages/datasets/dist/index.js';
import { openNativeExecutor } from '../../packages/executor-native/dist/index.js';
import { TrainingSignal } from '../../packages/training/dist/index.js';
import { trainEpoch, validate } from '../../packages/training/dist/loop/epoch.js';
import { prepare } from '../../packages/training/dist/loop/trainingRun.js';

const { values: options } = parseArgs({
  options: { spec: { type: 'string' }, dataset: { type: 'string' }, threads: { type: 'string' } },
});
const { dataset } = await openPacked(options.dataset);
const { spec, faults } = checkSpec(JSON.parse(options.spec), dataset);
if (!spec) throw new Error(JSON.stringify(faults));
const executor = await openNativeExecutor({ threads: Number(options.threads) });
const session = await executor.openSession();
const run = await prepare(
  {
    ...{ jobId: 'bench', attempt: 1, spec, dataset, datasetFile: options.dataset, stagingFolder: '/nonexistent' },
    ...{ resumeFrom: null, bestSoFar: null, executor, signal: new TrainingSignal(), emit: () => {} },
  },
  session,
);
const epochSeconds = [];
for (let epoch = 1; epoch <= spec.epochs; epoch++) {
  const start = performance.now();
  await trainEpoch(run);
  await validate(run);
  epochSeconds.push((performance.now() - start) / 1000);
  run.state.position = { epoch, step: 0, globalStep: epoch * run.plan.span.stepsPerEpoch };
}
await session.close();
console.log(JSON.stringify({ epochSeconds }));
