import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Model } from '@trainyard/architectures';
import { type CheckpointManifest, checkpointManifestSchema, jsonText } from '@trainyard/contracts';
import {
  bytesOf,
  decodeWeights,
  encodeModelJson,
  encodeSafetensors,
  type NamedTensor,
  parseSafetensors,
  storeWeights,
} from '@trainyard/formats';
import { syncFolder } from '@trainyard/process';
import { CorruptCheckpointError } from './corruptCheckpointError.js';
import { sha256Of, writeNewFile } from './files.js';
import { wrongDigest } from './intact.js';

export interface CheckpointContents {
  /** The manifest without the list of files, which `writeCheckpoint` adds. */
  manifest: Omit<CheckpointManifest, 'files'>;
  model: Model;
  /** Every weight of the model, F32, in any order. */
  weights: NamedTensor[];
  /** Optimiser state, averages and whatever else training needs to resume. */
  state: NamedTensor[];
}

/**
 * Writes a checkpoint folder: `model.json`, `weights.bin`, `state.safetensors` and, last, `manifest.json` with their
 * digests. All files are written into a folder beside it and fsynced, and that folder is then renamed, so that `folder`
 * is always complete or absent.
 * @throws Error when `folder` exists, or the weights are not those of the model.
 */
export async function writeCheckpoint(folder: string, contents: CheckpointContents): Promise<CheckpointManifest> {
  const partial = `${folder}.partial-${randomBytes(6).toString('hex')}`;
  await mkdir(partial, { recursive: true });
  try {
    const manifest = await writeFiles(partial, contents);
    await syncFolder(partial);
    // rename replaces an empty folder silently, but fails when the folder has files, as it must here.
    await rename(partial, folder);
    await syncFolder(dirname(folder));
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function writeFiles(folder: string, { manifest, model, weights, state }: CheckpointContents) {
  const stored = storeWeights(model, weights);
  const json = Buffer.from(encodeModelJson(model, stored, manifest));
  const files: CheckpointManifest['files'] = [
    { name: 'model.json', ...(await writeNewFile(join(folder, 'model.json'), [json])) },
    { name: 'weights.bin', ...(await writeNewFile(join(folder, 'weights.bin'), stored.map(bytesOf))) },
    { name: 'state.safetensors', ...(await writeNewFile(join(folder, 'state.safetensors'), encodeSafetensors(state))) },
  ];
  const complete: CheckpointManifest = { ...manifest, files };
  const text = Buffer.from(`${JSON.stringify(complete, null, 1)}\n`);
  await writeNewFile(join(folder, 'manifest.json'), [text]);
  return complete;
}

/** The manifest alone; digests are not checked. @throws CorruptCheckpointError when it is missing or not a manifest. */
export async function readManifest(folder: string): Promise<CheckpointManifest> {
  try {
    return jsonText(checkpointManifestSchema).parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  } catch (error) {
    throw new CorruptCheckpointError(folder, 'manifest.json is missing or unreadable', { cause: error });
  }
}

type FileEntry = CheckpointManifest['files'][number];

interface OpenCheckpoint {
  manifest: CheckpointManifest;
  readFile: (name: FileEntry['name']) => Promise<Buffer>;
}

/** A file of a checkpoint, after checking its length and its digest. */
async function readVerified(folder: string, { name, bytes, sha256 }: FileEntry): Promise<Buffer> {
  const contents = await readFile(join(folder, name)).catch((error: unknown) => {
    throw new CorruptCheckpointError(folder, `${name} cannot be read`, { cause: error });
  });
  if (contents.length !== bytes)
    throw new CorruptCheckpointError(folder, `${name} has ${contents.length} bytes instead of ${bytes}`);
  const got = sha256Of(contents);
  if (got !== sha256) throw new CorruptCheckpointError(folder, wrongDigest(name, got, sha256));
  return contents;
}

/**
 * The manifest of a checkpoint, and a function that reads one of its files into memory and checks its digest.
 * @throws CorruptCheckpointError, as the function does, when a file is missing or does not match its digest.
 */
export async function openCheckpoint(folder: string): Promise<OpenCheckpoint> {
  const manifest = await readManifest(folder);
  const read = async (name: FileEntry['name']): Promise<Buffer> => {
    const entry = manifest.files.find((file) => file.name === name);
    if (!entry) throw new CorruptCheckpointError(folder, `the manifest does not list ${name}`);
    return readVerified(folder, entry);
  };
  return { manifest, readFile: read };
}

/**
 * Reads a checkpoint and checks the digest of every file.
 * @throws CorruptCheckpointError when anything is missing, cut short or changed.
 */
export async function readCheckpoint(
  folder: string,
): Promise<{ manifest: CheckpointManifest; weights: NamedTensor[]; state: NamedTensor[] }> {
  const checkpoint = await openCheckpoint(folder);
  const weights = await weightsOf(folder, checkpoint);
  const state = await checkpoint.readFile('state.safetensors');
  return {
    manifest: checkpoint.manifest,
    weights,
    state: decoded(folder, () => parseSafetensors(state).tensors),
  };
}

/** As `readCheckpoint`, without the state, whose file may be missing. */
export async function readWeights(folder: string): Promise<{ manifest: CheckpointManifest; weights: NamedTensor[] }> {
  const checkpoint = await openCheckpoint(folder);
  return { manifest: checkpoint.manifest, weights: await weightsOf(folder, checkpoint) };
}

async function weightsOf(folder: string, { readFile: read }: OpenCheckpoint): Promise<NamedTensor[]> {
  const json = await read('model.json');
  const binary = await read('weights.bin');
  return decoded(folder, () => decodeWeights(json.toString(), binary));
}

function decoded<T>(folder: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new CorruptCheckpointError(folder, error instanceof Error ? error.message : String(error), { cause: error });
  }
}
