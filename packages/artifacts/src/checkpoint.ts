import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Model } from '@trainyard/architectures';
import { type CheckpointManifest, checkpointManifestSchema } from '@trainyard/contracts';
import { CorruptCheckpointError } from './errors.js';
import { sha256Of, syncFolder, writeDurably } from './files.js';
import { decodeWeights, encodeModelJson, orderWeights } from './modelJson.js';
import { parseSafetensors, writeSafetensors } from './safetensors.js';
import { assertConsistent, bytesOf, type NamedTensor } from './tensor.js';

export interface CheckpointContents {
  /** All of the manifest but the list of files, which the writer makes. */
  manifest: Omit<CheckpointManifest, 'files'>;
  model: Model;
  /** Every weight of the model, F32, in any order. */
  weights: NamedTensor[];
  /** Optimiser state, averages, whatever training needs to go on. */
  state: NamedTensor[];
}

/**
 * Writes a checkpoint folder: `model.json`, `weights.bin`, `state.safetensors` and, last, `manifest.json` with their
 * digests. Everything is written and fsynced beside its place and then renamed, so that `folder` is whole or absent.
 * @throws Error when `folder` exists, or the weights are not the model's.
 */
export async function writeCheckpoint(folder: string, contents: CheckpointContents): Promise<CheckpointManifest> {
  const partial = `${folder}.partial-${randomBytes(6).toString('hex')}`;
  await mkdir(partial, { recursive: true });
  try {
    const manifest = await writeFiles(partial, contents);
    await syncFolder(partial);
    // An empty folder in the place would be replaced silently; one with files makes rename fail, which is what we want.
    await rename(partial, folder);
    await syncFolder(dirname(folder));
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function writeFiles(folder: string, { manifest, model, weights, state }: CheckpointContents) {
  const ordered = orderWeights(model, weights);
  ordered.forEach(assertConsistent);
  const json = Buffer.from(encodeModelJson(model, ordered, manifest));
  const files = [
    { name: 'model.json', ...(await writeDurably(join(folder, 'model.json'), [json])) },
    { name: 'weights.bin', ...(await writeDurably(join(folder, 'weights.bin'), ordered.map(bytesOf))) },
    { name: 'state.safetensors', ...(await writeSafetensors(join(folder, 'state.safetensors'), state)) },
  ] as const;
  const complete: CheckpointManifest = { ...manifest, files: [...files] };
  const text = Buffer.from(`${JSON.stringify(complete, null, 1)}\n`);
  await writeDurably(join(folder, 'manifest.json'), [text]);
  return complete;
}

/** The manifest alone; digests are not checked. @throws CorruptCheckpointError when it is missing or not a manifest. */
export async function readManifest(folder: string): Promise<CheckpointManifest> {
  try {
    return checkpointManifestSchema.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
  } catch (error) {
    throw new CorruptCheckpointError(folder, 'manifest.json is missing or unreadable', { cause: error });
  }
}

/** A file of a checkpoint, its digest checked. */
async function readVerified(folder: string, { name, bytes, sha256 }: CheckpointManifest['files'][number]) {
  const contents = await readFile(join(folder, name)).catch((error: unknown) => {
    throw new CorruptCheckpointError(folder, `${name} cannot be read`, { cause: error });
  });
  if (contents.length !== bytes) {
    throw new CorruptCheckpointError(folder, `${name} has ${contents.length} bytes instead of ${bytes}`);
  }
  if (sha256Of(contents) !== sha256) {
    throw new CorruptCheckpointError(folder, `${name} does not match its SHA-256`);
  }
  return contents;
}

/** The files of a checkpoint in memory. @throws CorruptCheckpointError when one is missing or differs from its digest. */
export async function readVerifiedFiles(folder: string) {
  const manifest = await readManifest(folder);
  const file = (name: CheckpointManifest['files'][number]['name']): Promise<Buffer> => {
    const entry = manifest.files.find((f) => f.name === name);
    if (!entry) throw new CorruptCheckpointError(folder, `the manifest does not list ${name}`);
    return readVerified(folder, entry);
  };
  return { manifest, file };
}

/**
 * Reads a checkpoint and verifies the digest of every file.
 * @throws CorruptCheckpointError when anything is missing, cut short or changed.
 */
export async function readCheckpoint(
  folder: string,
): Promise<{ manifest: CheckpointManifest; weights: NamedTensor[]; state: NamedTensor[] }> {
  const { manifest, file } = await readVerifiedFiles(folder);
  const [model, weights, state] = [
    await file('model.json'),
    await file('weights.bin'),
    await file('state.safetensors'),
  ];
  try {
    return { manifest, weights: decodeWeights(model.toString(), weights), state: parseSafetensors(state).tensors };
  } catch (error) {
    throw new CorruptCheckpointError(folder, error instanceof Error ? error.message : String(error), { cause: error });
  }
}
