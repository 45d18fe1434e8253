import '@tensorflow/tfjs-backend-wasm';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel, model as modelOf } from '@tensorflow/tfjs-layers';
import { fromBuffer } from 'yauzl';

/** The files of a zip by name. */
async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const archive = await promisify<Buffer, object, import('yauzl').ZipFile>(fromBuffer)(bytes, { lazyEntries: false });
  const files = new Map<string, Promise<Buffer>>();
  archive.on('entry', (entry) => {
    const stream = promisify(archive.openReadStream.bind(archive))(entry);
    files.set(entry.fileName, stream.then(buffer));
  });
  await new Promise((resolve, reject) => archive.once('end', resolve).once('error', reject));
  return new Map(await Promise.all([...files].map(async ([name, file]) => [name, await file] as const)));
}

/** A model as a browser loads it from the zip of the format tfjs, and what its metadata says of its images. */
export async function loadZip(zip: Buffer) {
  await tf.setBackend('wasm');
  const files = await unzip(zip);
  const { modelTopology, weightsManifest, userDefinedMetadata } = JSON.parse(files.get('model.json')?.toString() ?? '');
  const weightData = Uint8Array.from(files.get('weights.bin') ?? []).buffer;
  const weightSpecs = weightsManifest[0].weights;
  const loaded = await loadLayersModel(
    tf.io.fromMemory({ modelTopology, weightSpecs, weightData, userDefinedMetadata }),
  );
  const { normalization } = userDefinedMetadata as { normalization: { mean: number[]; std: number[] } };
  return { loaded, normalization };
}

/**
 * Logits `[images, classes]`: the input of the model's last layer, which is the softmax.
 * @param pixels `[images, height, width, channels]`
 */
export async function logitsOf(zip: Buffer, pixels: Uint8Array, shape: readonly [number, number, number, number]) {
  const { loaded, normalization } = await loadZip(zip);
  const beforeSoftmax = loaded.layers.at(-2);
  if (!beforeSoftmax) throw new Error('the model has a single layer');
  const network = modelOf({ inputs: loaded.inputs, outputs: beforeSoftmax.output });
  const logits = tf.tidy(() => {
    const images = tf.div(tf.tensor4d(Float32Array.from(pixels), [...shape]), 255);
    const { mean, std } = normalization;
    return network.predict(tf.div(tf.sub(images, mean), std), { batchSize: 50 }) as tf.Tensor2D;
  });
  const values = await logits.data();
  for (const one of [logits, loaded]) one.dispose();
  return { logits: values as Float32Array, classes: logits.shape[1] };
}
