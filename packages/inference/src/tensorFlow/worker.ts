import '@tensorflow/tfjs-backend-wasm';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { fromBuffer, type ZipFile } from 'yauzl';
import type { TensorFlowReply, TensorFlowTask } from './messages.js';

interface Loaded {
  model: LayersModel;
  mean: number[];
  std: number[];
}

let loaded: Loaded | null = null;

/** What the thread runs, one task at a time: loads a zip as a browser does, and classifies images. */
export default async function work(task: TensorFlowTask): Promise<TensorFlowReply | null> {
  if (task.kind === 'load') {
    loaded?.model.dispose();
    loaded = null;
    loaded = await load(Buffer.from(task.zip));
    return null;
  }
  if (!loaded) throw new Error('no model is loaded');
  return { probabilities: await probabilitiesOf(loaded, task.pixels, task.shape), version: tf.version_core };
}

async function load(zip: Buffer): Promise<Loaded> {
  // Without advice on the standard error of the service.
  tf.enableProdMode();
  await tf.setBackend('wasm');
  const files = await unzip(zip);
  const { modelTopology, weightsManifest, userDefinedMetadata } = JSON.parse(files.get('model.json')?.toString() ?? '');
  const model = await loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest[0].weights,
      // A copy: the buffer of a Buffer has more than the file.
      weightData: Uint8Array.from(files.get('weights.bin') ?? []).buffer,
      userDefinedMetadata,
    }),
  );
  return { model, ...userDefinedMetadata.normalization };
}

async function probabilitiesOf(
  { model, mean, std }: Loaded,
  pixels: Uint8Array,
  shape: [number, number, number, number],
): Promise<Float32Array> {
  const probabilities = tf.tidy(() => {
    const images = tf.div(tf.tensor4d(Float32Array.from(pixels), shape), 255);
    return model.predict(tf.div(tf.sub(images, mean), std)) as tf.Tensor;
  });
  const values = (await probabilities.data()) as Float32Array;
  probabilities.dispose();
  return values;
}

/** The files of a zip by name. */
async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const archive = await promisify<Buffer, object, ZipFile>(fromBuffer)(bytes, { lazyEntries: false });
  const files = new Map<string, Promise<Buffer>>();
  archive.on('entry', (entry) => {
    files.set(entry.fileName, promisify(archive.openReadStream.bind(archive))(entry).then(buffer));
  });
  await new Promise((resolve, reject) => archive.once('end', resolve).once('error', reject));
  return new Map(await Promise.all([...files].map(async ([name, file]) => [name, await file] as const)));
}
