import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { elementCount, type Model } from '@trainyard/architectures';
import { openWeightsFile, type WeightsFile } from '@trainyard/artifacts';
import { type Fault, type InitialWeights, TrainyardError } from '@trainyard/contracts';
import { fitWeights } from '@trainyard/spec';
import type { FoundWeights } from './foundWeights.js';
import type { Uploads } from './uploads.js';

/** A complete upload of the caller's project. */
export type FindUpload = (id: string) => ReturnType<Uploads['complete']>;

/** A file may have so much more than the weights of the network: its header, and what PyTorch counts. */
const headerBytes = 2 ** 20;

/**
 * Reads an uploaded safetensors file as the weights of a model.
 * @param wanted with an upload
 */
export async function uploadedWeights(
  find: FindUpload,
  wanted: InitialWeights & { upload: string },
  model: Model,
): Promise<FoundWeights | { faults: Fault[] }> {
  const upload = await find(wanted.upload).catch((error: unknown) => {
    if (!(error instanceof TrainyardError)) throw error;
    return { faults: [fault(`${error.message}; an upload that no job has used is removed after a day`)] };
  });
  if ('faults' in upload) return upload;
  const { size } = await stat(upload.file);
  const needed = 4 * model.weights.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  if (size > 2 * needed + headerBytes)
    return { faults: [fault(`${upload.name} has ${size} bytes, and the weights of the network only ${needed}`)] };
  const bytes = await readFile(upload.file);
  const file = opened(bytes, model);
  if (file instanceof Error) return { faults: [fault(`${upload.name} is no safetensors file: ${file.message}`)] };
  const { expected, found } = file;
  const fitted = fitWeights(model, { weights: found, named: upload.name, newHead: wanted.newHead, expected });
  const faults = [...file.faults.map(fault), ...fitted.faults];
  if (faults.length > 0) return { faults };
  const weightsSha256 = createHash('sha256').update(bytes).digest('hex');
  const { fromSeed, newHead } = fitted;
  const loaded = { jobId: null, epoch: null, upload: wanted.upload, file: upload.name, weightsSha256, fromSeed };
  return { loaded, from: { file: upload.file }, initialWeights: { ...wanted, newHead } };
}

function opened(bytes: Buffer, model: Model): WeightsFile | Error {
  try {
    return openWeightsFile(bytes, model);
  } catch (error) {
    return error as Error;
  }
}

const fault = (detail: string): Fault => ({ pointer: '/initialWeights/upload', detail });
