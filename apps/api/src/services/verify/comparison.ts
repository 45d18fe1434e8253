import { type CheckpointManifest, ConflictError, defaultVerifiedImages, type VerifyBody } from '@trainyard/contracts';
import type { PackedDataset, ProjectDatasets } from '@trainyard/datasets';
import type { Project, StoredCheckpoint } from '@trainyard/db';

/** What a reader is compared with. */
export interface Comparison {
  packed: PackedDataset;
  labels: Int32Array;
  /** Of the test split. */
  indices: number[];
  /** How many of these the stored test has as correct. */
  expected: number;
  /** By how many images a reader may differ, as sums have other orders. */
  tolerance: number;
}

/**
 * The images on which files of a checkpoint are compared with its stored test.
 * @throws ConflictError where the checkpoint was not tested, or the images are not there any more
 */
export async function comparisonOf(
  project: Pick<Project, 'results' | 'predictions'>,
  datasets: ProjectDatasets,
  { manifest, checkpoint }: StoredCheckpoint,
  { images = defaultVerifiedImages }: VerifyBody,
): Promise<Comparison> {
  const { jobId, dataset, spec } = manifest;
  const results = await project.results.find(jobId);
  const tested = [results, results?.last].find((test) => checkpoint.step === 0 && test?.epoch === checkpoint.epoch);
  if (!results || !tested)
    throw new ConflictError(
      `the checkpoint of epoch ${checkpoint.epoch} of job ${jobId} was not tested, so there is no accuracy to ` +
        'reproduce; verify `best` of a job that was tested',
    );
  const packed = await datasets.open(dataset.name, dataset.version);
  if (packed?.dataset.digest !== dataset.digest)
    throw new ConflictError(`the images of ${dataset.name}@${dataset.version}, on which it was tested, are not there`);
  const total = results.total;
  const labels = await packed.readLabels('test');
  const stored = tested === results ? await project.predictions.find(jobId) : null;
  // Of the last epoch, and of old tests, only the accuracy of the whole split is known.
  const count = stored === null || images === 'all' ? total : Math.min(images, total);
  const indices = Array.from({ length: count }, (_, i) => Math.floor((i * total) / count));
  const isCorrect = (image: number) => stored?.arrays.predicted[image] === labels[image];
  const expected = stored ? indices.filter(isCorrect).length : tested.correct;
  return { packed, labels, indices, expected, tolerance: toleranceOf(spec, count) };
}

/** Executors round differently where numbers have fewer digits. */
const toleranceOf = ({ precision }: CheckpointManifest['spec'], images: number): number =>
  precision === 'fp32' ? Math.floor(images / 1000) : Math.ceil(images / 100);
