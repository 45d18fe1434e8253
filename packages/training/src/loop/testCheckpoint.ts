import { CorruptCheckpointError, readCheckpoint } from '@trainyard/artifacts';
import { type Progress, type TestedCheckpoint, type TrainerMessage, TrainingFailure } from '@trainyard/contracts';
import { testWeights } from '../evaluation/testWeights.js';
import { planTest } from '../plan/trainingPlan.js';
import { announceStart, keepsPredictions } from './announcements.js';
import type { TrainOptions } from './options.js';
import { Interrupted } from './trainingSignal.js';

/** A test has no epochs: its progress only shows that the trainer is alive. */
const progress: Progress = {
  epoch: 0,
  epochs: 0,
  step: 0,
  stepsPerEpoch: 0,
  fraction: 0,
  imagesPerSecond: 0,
  etaSeconds: null,
};
const progressMilliseconds = 1000;

/**
 * Tests a checkpoint of another job as that job tested it at its end, so that the same images give the same bits: its
 * pixels are normalised as in its training, whatever the dataset of the test.
 * @returns the last message
 */
export async function testCheckpoint(options: TrainOptions, checkpoint: TestedCheckpoint): Promise<TrainerMessage> {
  const { executor, signal, emit, dataset, datasetFile } = options;
  const { manifest, weights } = await readTested(checkpoint);
  const plan = await planTest({ ...options.spec, normalization: manifest.normalization }, dataset, datasetFile);
  await announceStart(options, { ...plan, stepsPerEpoch: 0, resumedFrom: null });
  const predictions = await keepsPredictions(options, dataset);
  let reportedAt = Number.NEGATIVE_INFINITY;
  const onChunk = async () => {
    if (performance.now() - reportedAt < progressMilliseconds) return;
    reportedAt = performance.now();
    await emit({ type: 'progress', progress });
  };
  const { epoch } = manifest.cursor;
  try {
    const results = await testWeights({ executor, plan, weights, epoch, partial: false, predictions, signal, onChunk });
    return { type: 'tested', results, stopped: null };
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return error.interruption === 'cancel' ? { type: 'cancelled' } : { type: 'suspended', checkpoint: null };
  }
}

/** @throws TrainingFailure where its files are not those that it had when the test was submitted */
async function readTested({ jobId, folder, weightsSha256 }: TestedCheckpoint) {
  const read = await readCheckpoint(folder).catch((cause: unknown) => {
    if (!(cause instanceof CorruptCheckpointError)) throw cause;
    throw unusable(jobId, 'are missing or damaged', cause);
  });
  const stored = read.manifest.files.find(({ name }) => name === 'weights.bin');
  if (stored?.sha256 !== weightsSha256) throw unusable(jobId, 'have another digest than when the test was submitted');
  return read;
}

const unusable = (jobId: string, why: string, cause?: unknown): TrainingFailure =>
  new TrainingFailure(
    'checkpoint_missing',
    `the files of the checkpoint of ${jobId} ${why}; test another checkpoint, or train the job again (replay)`,
    { cause },
  );
