/**
 * The bare loop: training steps and validation of every epoch in this process; nothing is reported and nothing written.
 * Prints the wall-clock seconds of each epoch as one line of JSON.
 *
 *   node bareLoop.js --spec '{...}' --dataset FILE --threads 2
 */
import { parseArgs } from 'node:util';
import { openPacked } from '@trainyard/datasets';
import { openNativeExecutor } from '@trainyard/executor-native';
import { TrainingSignal } from '@trainyard/training';
import { trainEpoch, validate } from '@trainyard/training/epoch';
import { prepare } from '@trainyard/training/run';
import { checkedSpec } from '../shared/specs.js';

const { values: options } = parseArgs({
  options: {
    spec: { type: 'string', default: '{}' },
    dataset: { type: 'string', default: '' },
    threads: { type: 'string', default: '1' },
  },
});

const { dataset } = await openPacked(options.dataset);
const { spec } = checkedSpec(JSON.parse(options.spec), dataset);
const executor = await openNativeExecutor({ threads: Number(options.threads) });
const session = await executor.openSession();
const run = await prepare(
  {
    jobId: 'bench',
    attempt: 1,
    spec,
    dataset,
    datasetFile: options.dataset,
    stagingFolder: '/nonexistent',
    resumeFrom: null,
    bestSoFar: null,
    executor,
    signal: new TrainingSignal(),
    emit: () => {},
  },
  session,
);
const epochSeconds: number[] = [];
for (let epoch = 1; epoch <= spec.epochs; epoch++) {
  const start = performance.now();
  await trainEpoch(run);
  await validate(run);
  epochSeconds.push((performance.now() - start) / 1000);
  run.state.position = { epoch, step: 0, globalStep: epoch * run.plan.span.stepsPerEpoch };
}
await session.close();
console.log(JSON.stringify({ epochSeconds }));
