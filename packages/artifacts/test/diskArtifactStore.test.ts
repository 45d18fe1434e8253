import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { parseSafetensors } from '@trainyard/formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import yauzl from 'yauzl';
import { CorruptCheckpointError, DiskArtifactStore, readCheckpoint, writeCheckpoint } from '../src/index.js';
import { manifest, model, weights } from './samples.js';

const jobId = 'job_01jzzzzzzzzzzzzzzzzzzzzzzz';

let root = '';
let store: DiskArtifactStore;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'trainyard-store-'));
  store = new DiskArtifactStore(root);
});
afterAll(() => rm(root, { recursive: true }));

async function stored(key: string): Promise<string> {
  const staged = join(await store.newStagingFolder(jobId, 1), 'epoch-3');
  await writeCheckpoint(staged, { manifest, model, weights, state: [] });
  await store.commit(staged, key);
  return store.folder(key);
}

async function unzip(path: string): Promise<Record<string, Buffer>> {
  const zip = await promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open)(path, { lazyEntries: true });
  const files: Record<string, Buffer> = {};
  return new Promise((resolve, reject) => {
    zip.on('entry', (entry: yauzl.Entry) =>
      zip.openReadStream(entry, async (error, stream) => {
        if (error) return reject(error);
        files[entry.fileName] = await buffer(stream);
        zip.readEntry();
      }),
    );
    zip.on('error', reject).on('end', () => resolve(files));
    zip.readEntry();
  });
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('the artifact store', () => {
  it('moves a finished checkpoint to its key', async () => {
    const folder = await stored(`jobs/${jobId}/1-3-0`);
    expect((await readCheckpoint(folder)).weights).toEqual(weights);
  });

  it('creates a new staging folder for every attempt', async () => {
    expect(await store.newStagingFolder(jobId, 2)).not.toBe(await store.newStagingFolder(jobId, 2));
  });

  it('removes the staging folder of a job with that of its last attempt', async () => {
    const other = 'job_01jzzzzzzzzzzzzzzzzzzzzzzy';
    const [first, second] = [await store.newStagingFolder(other, 1), await store.newStagingFolder(other, 2)];
    await store.removeStagingFolder(first);
    expect(await readdir(join(root, 'staging', other))).toHaveLength(1);
    await store.removeStagingFolder(second);
    expect(await readdir(join(root, 'staging'))).not.toContain(other);
  });

  it.each([
    '../jobs/x',
    'jobs/../../etc',
    'jobs/..',
    'jobs',
    '/jobs/x',
    'jobs//x',
    'jobs/.hidden',
    'jobs/a\\b',
    'jobs/a\0',
    'staging/x',
    '',
  ])('refuses the key %j', (key) => {
    expect(() => store.folder(key)).toThrow('is not a key');
  });

  it('commits nothing from outside its staging folder', async () => {
    await expect(store.commit(join(root, 'staging', '..', '..', 'x'), `jobs/${jobId}/9-9-9`)).rejects.toThrow(
      'not below',
    );
    await expect(store.newStagingFolder('../x', 1)).rejects.toThrow('not a job id');
  });

  it('lists the keys of a job, and none for a job without files', async () => {
    const other = 'job_01mzzzzzzzzzzzzzzzzzzzzzzz';
    expect(await store.keys(other)).toEqual([]);
    await stored(`jobs/${other}/1-1-0`);
    expect(await store.keys(other)).toEqual([`jobs/${other}/1-1-0`]);
  });

  it('removes a checkpoint, and a job with all its files, and accepts a second removal of each', async () => {
    const other = 'job_01kzzzzzzzzzzzzzzzzzzzzzzz';
    await stored(`jobs/${other}/1-1-0`);
    await stored(`jobs/${other}/1-2-0`);
    await store.remove(`jobs/${other}/1-1-0`);
    await store.remove(`jobs/${other}/1-1-0`);
    expect(await readdir(store.folder(`jobs/${other}`))).toEqual(['1-2-0']);
    await store.removeJob(other);
    await store.removeJob(other);
    await expect(readdir(store.folder(`jobs/${other}`))).rejects.toThrow('ENOENT');
  });

  it('sets a damaged checkpoint aside, so that its key is free', async () => {
    const key = `jobs/${jobId}/1-4-0`;
    await stored(key);
    await store.setAside(key);
    await stored(key);
    const names = await readdir(store.folder(`jobs/${jobId}`));
    expect(names.filter((name) => name.startsWith('1-4-0'))).toHaveLength(2);
    expect((await store.keys(jobId)).filter((found) => found.startsWith(key))).toEqual([key]);
  });
});

describe('an export', () => {
  it('as tfjs is a zip of the model and its weights', async () => {
    const folder = await stored(`jobs/${jobId}/2-1-0`);
    const file = await store.exportFile(`jobs/${jobId}/2-1-0`, { format: 'tfjs' });
    expect(file).toMatchObject({ fileName: `${jobId}-epoch-3.zip`, mediaType: 'application/zip' });
    const bytes = await readFile(file.path);
    expect({ bytes: bytes.length, sha256: sha256(bytes) }).toEqual({ bytes: file.bytes, sha256: file.sha256 });
    expect(await unzip(file.path)).toEqual({
      'model.json': await readFile(join(folder, 'model.json')),
      'weights.bin': await readFile(join(folder, 'weights.bin')),
    });
  });

  it('as safetensors has every weight', async () => {
    await stored(`jobs/${jobId}/2-2-0`);
    const file = await store.exportFile(`jobs/${jobId}/2-2-0`, { format: 'safetensors' });
    expect(parseSafetensors(await readFile(file.path)).tensors).toEqual(weights);
    expect(file.fileName).toBe(`${jobId}-epoch-3.safetensors`);
  });

  it('has the same bytes for the same checkpoint, even when several callers write it at once', async () => {
    await stored(`jobs/${jobId}/2-3-0`);
    await stored(`jobs/${jobId}/2-4-0`);
    const keys = [3, 4, 4, 4].map((n) => `jobs/${jobId}/2-${n}-0`);
    const files = await Promise.all(keys.map((key) => store.exportFile(key, { format: 'tfjs' })));
    expect(new Set(files.map((f) => f.sha256)).size).toBe(1);
    expect(await store.exportFile(keys[0] as string, { format: 'tfjs' })).toEqual(files[0]);
  });

  it('is not written from a damaged checkpoint', async () => {
    const folder = await stored(`jobs/${jobId}/2-5-0`);
    await writeFile(join(folder, 'weights.bin'), Buffer.alloc(60));
    await expect(store.exportFile(`jobs/${jobId}/2-5-0`, { format: 'tfjs' })).rejects.toThrow(CorruptCheckpointError);
    expect(await readdir(folder)).not.toContain('export.zip');
  });
});
