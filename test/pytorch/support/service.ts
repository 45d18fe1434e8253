import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { JobSpec, JobSpecInput } from '@trainyard/contracts';
import { type LabelledImages, openPacked, writePacked } from '@trainyard/datasets';
import { encodeSafetensors, type NamedTensor, parseSafetensors } from '@trainyard/formats';
import { initialValues, permutation, randomWords, toUnit } from '@trainyard/program';
import { createHome, type EmbeddedStack, startEmbedded } from '@trainyard/test-kit/service';
import { epochOrder, planTraining, trainProgram } from '@trainyard/training';
import { onTestFinished } from 'vitest';

/** Not square, so that a swap of height and width is seen. */
const imageShape: [number, number, number] = [20, 24, 3];
const [height, width, channels] = imageShape;
const classes = ['left', 'right', 'top', 'bottom', 'middle'];
const parts = { train: 400, test: 150 };

/** Noise that is a little brighter in one part of the image: learnable, but not without errors. */
function generate(count: number, seed: number): LabelledImages {
  const labels = permutation(count, seed, 1, 0).map((position) => position % classes.length);
  const bright = [
    (x: number) => x < 6,
    (x: number) => x >= width - 6,
    (_: number, y: number) => y < 5,
    (_: number, y: number) => y >= height - 5,
    (x: number, y: number) => x >= 8 && x < 16 && y >= 7 && y < 13,
  ];
  const images = Uint8Array.from(randomWords(count * height * width * channels, seed, 2, 0), (word, i) => {
    const pixel = Math.floor(i / channels) % (height * width);
    const label = labels[Math.floor(i / (channels * height * width))] as number;
    const isBright = bright[label]?.(pixel % width, Math.floor(pixel / width)) ?? false;
    return 180 * toUnit(word) + (isBright ? 35 : 10 * (i % channels));
  });
  return { images, labels };
}

export interface Service extends EmbeddedStack {
  /** The set `parts` as the service stores it. */
  datasetFile: string;
  /** A temporary folder, with the images for PyTorch. */
  folder: string;
}

/** A service with the set `parts`: 400 and 150 images of five classes. Stopped and removed when the test ends. */
export async function useService(): Promise<Service> {
  const home = await createHome();
  onTestFinished(() => home.remove());
  const datasetFile = path.join(home.folder, 'datasets/parts/1.packed');
  await mkdir(path.dirname(datasetFile), { recursive: true });
  const [train, test] = [generate(parts.train, 7), generate(parts.test, 8)];
  await writePacked(datasetFile, { name: 'parts', version: 1, classes, imageShape, source: 'generated', train, test });
  const folder = path.join(home.folder, 'replica');
  await mkdir(folder);
  await writeTensors(path.join(folder, 'images.safetensors'), [
    ...tensorsOf('train', train),
    ...tensorsOf('test', test),
  ]);
  const stack = await startEmbedded(home, { TRAINYARD_EXECUTOR: 'native', TRAINYARD_REQUESTS_PER_MINUTE: '0' });
  onTestFinished(() => stack.stop());
  return { ...stack, datasetFile, folder };
}

const tensorsOf = (split: string, { images, labels }: LabelledImages): NamedTensor[] => [
  { name: `${split}/images`, shape: [labels.length, ...imageShape], dtype: 'U8', data: images },
  { name: `${split}/labels`, shape: [labels.length], dtype: 'I32', data: labels },
];

const writeTensors = async (file: string, tensors: NamedTensor[]) =>
  writeFile(file, Buffer.concat(encodeSafetensors(tensors)));

/** Three epochs on the set `parts`, with everything that the changes leave out at its default. */
export const specOf = (changes: Partial<JobSpecInput> & Pick<JobSpecInput, 'architecture'>): JobSpecInput => ({
  dataset: 'parts',
  recipe: null,
  epochs: 3,
  seed: 11,
  ...changes,
});

/**
 * Writes what PyTorch needs to repeat a job: its spec, and the split, the order of images and the initial weights that
 * the service draws for it. @returns the folder
 */
export async function writeRun({ folder, datasetFile }: Service, id: string, spec: JobSpec): Promise<string> {
  const run = path.join(folder, id);
  await mkdir(run);
  const { dataset } = await openPacked(datasetFile);
  const plan = await planTraining(spec, dataset, datasetFile);
  const program = trainProgram(plan, spec.batchSize);
  const first = initialValues(program, spec.seed);
  const indices = (name: string, data: Int32Array): NamedTensor => ({ name, shape: [data.length], dtype: 'I32', data });
  await writeTensors(path.join(run, 'draws.safetensors'), [
    indices('split/train', plan.split.train),
    indices('split/validation', plan.split.validation),
    ...Array.from({ length: spec.epochs }, (_, epoch) =>
      indices(`order/${epoch}`, epochOrder(plan.split.train, spec.seed, epoch)),
    ),
    ...plan.model.weights.map(
      ({ name, shape }): NamedTensor => ({
        name: `weights/${name}`,
        shape: [...shape],
        dtype: 'F32',
        data: first.get(name) as Float32Array,
      }),
    ),
  ]);
  await writeFile(path.join(run, 'spec.json'), JSON.stringify(spec));
  return run;
}

/** The tensors of a job's checkpoint, as a user downloads them. */
export async function downloadTensors({ client }: Service, id: string, ref: 'best' | 'last'): Promise<NamedTensor[]> {
  const { stream } = await client.download(id, ref, 'safetensors');
  return parseSafetensors(await buffer(stream)).tensors;
}
