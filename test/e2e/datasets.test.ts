import { execFile, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from '@trainyard/test-kit';
import { createHome, type EmbeddedStack, type Home, startEmbedded, waitForEnd } from '@trainyard/test-kit/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../apps/cli/bin/trainyard.js', import.meta.url));

let home: Home;
let stack: EmbeddedStack;
beforeAll(async () => {
  home = await createHome();
  stack = await startEmbedded(home);
});
afterAll(async () => {
  await stack?.stop();
  await home?.remove();
});

const environment = () => ({ ...process.env, TRAINYARD_HOME: home.folder });

async function trainyard(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return promisify(execFile)(process.execPath, [cli, ...args], { env: environment() }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error) => ({ code: Number(error.code), out: String(error.stdout), err: String(error.stderr) }),
  );
}

/** PPM, the simplest image format: a picture of its own for each number. */
function picture(number: number, side = 32): Buffer {
  const pixels = Buffer.alloc(side * side * 3, 40);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (i * 7 + number * 31 + ((i * number) >> 5)) % 256;
  return Buffer.concat([Buffer.from(`P6\n${side} ${side}\n255\n`), pixels]);
}

async function makePets(folder: string, each: number): Promise<string> {
  for (const name of ['cat', 'dog']) {
    await mkdir(path.join(folder, name), { recursive: true });
    for (let i = 0; i < each; i++) {
      await writeFile(path.join(folder, name, `${i}.ppm`), picture(i + (name === 'cat' ? 0 : each)));
    }
  }
  return folder;
}

describe('a dataset on the command line', () => {
  it('is imported, shown, trained on by version, renamed, exported, imported again and deleted', async () => {
    const pets = await makePets(path.join(home.folder, 'pets'), 30);
    const imported = await trainyard('dataset', 'import', pets);
    expect(imported.code).toBe(0);
    expect(imported.out).toMatch(/pets +1 +32x32 +2 +48 +12/);
    expect(imported.out).toContain('split by seed 1 into 80 % train, 20 % test');

    const shown = await trainyard('dataset', 'show', 'pets', '--png', path.join(home.folder, 'grid.png'));
    expect(shown.out).toMatch(/cat +24 +6/);
    expect((await readFile(path.join(home.folder, 'grid.png'))).subarray(1, 4).toString()).toBe('PNG');

    const submitted = await trainyard(
      'submit',
      'lenet',
      '--dataset',
      'pets@1',
      '--epochs',
      '1',
      '--batch',
      '8',
      '--json',
    );
    const job = JSON.parse(submitted.out);
    expect(job).toMatchObject({ dataset: 'pets', datasetVersion: 1 });
    expect((await waitForEnd(stack.client, job.id)).state).toBe('succeeded');

    const { id } = await stack.client.submit({ architecture: 'lenet', dataset: 'pets', epochs: 10_000 });
    expect((await trainyard('dataset', 'delete', 'pets')).err).toContain(`needed by jobs that have not ended (${id})`);
    await stack.client.cancel(id);
    await waitForEnd(stack.client, id);

    expect((await trainyard('dataset', 'rename', 'pets', 'animals')).out).toContain('animals');
    const folder = path.join(home.folder, 'exported');
    expect((await trainyard('dataset', 'export', 'animals@1', folder)).out).toContain('wrote 60 images');
    const again = JSON.parse((await trainyard('dataset', 'import', folder, '--json')).out);
    const first = JSON.parse((await trainyard('dataset', 'show', 'animals', '--json')).out);
    expect(again).toMatchObject({ name: 'exported', digest: first.digest });
    expect((await trainyard('dataset', 'export', 'animals', folder)).err).toContain('is not empty');

    expect((await trainyard('dataset', 'delete', 'animals@1')).code).toBe(0);
    expect((await trainyard('dataset', 'show', 'animals')).err).toContain('dataset animals does not exist');
  });

  it('with files that cannot be used is refused once, naming all, or imported without them', async () => {
    const mixed = await makePets(path.join(home.folder, 'mixed'), 12);
    await writeFile(path.join(mixed, 'cat', 'empty.jpg'), '');
    await writeFile(path.join(mixed, 'dog', 'page.jpg'), '<!DOCTYPE html><html></html>');
    await writeFile(path.join(mixed, 'dog', 'cut.ppm'), picture(99).subarray(0, 500));
    const refused = await trainyard('dataset', 'import', mixed);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('3 of 27 images that cannot be used');
    for (const name of ['cat/empty.jpg', 'dog/page.jpg', 'dog/cut.ppm']) expect(refused.err).toContain(name);
    const imported = await trainyard('dataset', 'import', mixed, '--skip-bad');
    expect(imported.out).toContain('left out: 3 files');
    expect(imported.out).toContain('dog/page.jpg is an HTML page');
    expect(JSON.parse((await trainyard('dataset', 'show', 'mixed', '--json')).out)).toMatchObject({
      skippedCount: 3,
      options: { skipBad: true },
    });
  });

  it('is uploaded from a folder, and has the pixels and labels that an import here has', async () => {
    const birds = await makePets(path.join(home.folder, 'birds'), 20);
    const uploaded = await trainyard('dataset', 'upload', birds, '--size', '24', '--json');
    expect([uploaded.code, uploaded.err]).toEqual([0, '']);
    const imported = await trainyard('dataset', 'import', birds, '--size', '24', '--json', '--name', 'birds-here');
    const { digest } = JSON.parse(imported.out);
    expect(JSON.parse(uploaded.out)).toMatchObject({ name: 'birds', digest, trainImages: 32, testImages: 8 });

    await writeFile(path.join(birds, 'cat', 'page.jpg'), '<!DOCTYPE html><html></html>');
    const refused = await trainyard('dataset', 'upload', birds, '--name', 'refused');
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('cat/page.jpg is an HTML page');
  });

  it('whose import is interrupted leaves nothing, and the same import works at once', async () => {
    const many = await makePets(path.join(home.folder, 'many'), 3000);
    const child = spawn(process.execPath, [cli, 'dataset', 'import', many, '--size', '40'], { env: environment() });
    let errors = '';
    child.stderr.on('data', (text) => {
      errors += text;
    });
    const datasets = path.join(home.folder, 'datasets');
    await eventually('the import to write', async () => (await readdir(datasets)).join().includes('.import-many'));
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, errors]).toEqual([130, 'the import was stopped; what it had written was removed\n']);
    expect((await readdir(datasets)).filter((name) => /^\.(import|many)/.test(name))).toEqual([]);
    expect((await trainyard('dataset', 'import', many, '--size', '40')).code).toBe(0);
  });

  it('reports options that do not fit by name', async () => {
    const wrong = await trainyard('dataset', 'import', home.folder, '--size', '3O', '--split', '0.5', '--fit', 'crop');
    expect(wrong.code).toBe(2);
    for (const name of ['size', 'split', 'fit']) expect(wrong.err).toContain(name);
    expect((await trainyard('dataset', 'import', 'shapes', '--size', '64')).err).toContain('--size does not apply');
    expect((await trainyard('submit', 'lenet', '--dataset', 'pets@newest')).err).toContain('pets@2');
  });
});
