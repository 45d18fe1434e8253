import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';
import { jobId } from './support/samples.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'trainyard-predict-'));
  for (const name of ['cat.jpg', 'dog.png']) await writeFile(path.join(folder, name), name);
});
afterAll(() => rm(folder, { recursive: true }));

const model = { jobId, epoch: 27, step: 0, architecture: 'vgg6', weightsSha256: '9c1f'.repeat(16) };
const answerOf = (...files: string[]) => ({
  model,
  input: { shape: [32, 32, 3], fit: 'cover' },
  predictions: files.map((file) => ({
    file,
    classes: [
      { class: 'cat', probability: 0.75 },
      { class: 'dog', probability: 0.25 },
    ],
  })),
});

async function output(answer: Parameters<typeof json>[0], ...args: string[]) {
  const { env, requests } = await fakeService({
    [`POST /v1/jobs/${jobId}/checkpoints/last/predict`]: json(answer),
  });
  const { terminal, written } = captureTerminal();
  const code = await run(['predict', jobId, '--checkpoint', 'last', ...args], terminal, env);
  return { code, lines: written.out.trimEnd().split('\n'), error: written.error, requests };
}

it('images are shown with their classes and how sure the network is, and which network it was', async () => {
  const files = ['cat.jpg', 'dog.png'].map((name) => path.join(folder, name));
  const { code, lines, requests } = await output(answerOf('cat.jpg', 'dog.png'), ...files, '--top', '2');
  expect(code).toBe(0);
  expect(requests).toHaveLength(1);
  expect(requests[0]?.url).toContain('?top=2');
  expect(lines).toEqual([
    'image    class  probability',
    'cat.jpg  cat        75.00 %  ###############',
    '         dog        25.00 %  #####',
    'dog.png  cat        75.00 %  ###############',
    '         dog        25.00 %  #####',
    `vgg6 of ${jobId}, epoch 27, weights 9c1f9c1f9c1f`,
  ]);
});

it('many images are sent in requests that a service takes', async () => {
  const file = path.join(folder, 'cat.jpg');
  const { requests } = await output(answerOf('cat.jpg'), ...Array<string>(70).fill(file));
  expect(requests).toHaveLength(3);
});

it('what the network sees is saved, of one image', async () => {
  const seen = path.join(folder, 'seen.png');
  const file = path.join(folder, 'cat.jpg');
  const { lines, requests } = await output({ png: true }, file, '--input', seen);
  expect(requests[0]?.url).toContain('?input=png');
  expect(lines).toEqual([seen]);
  expect(await readFile(seen, 'utf8')).toBe('{"png":true}');
  const { code, error } = await output({}, file, file, '--input', seen);
  expect([code, error]).toEqual([2, 'error: --input is for one image\n']);
});

it('the best job of an experiment is asked, or an alias of it', async () => {
  const paths = ['best', 'aliases/champion'].map((part) => `/v1/experiments/night/${part}/predict`);
  const routes = paths.map((at) => [`POST ${at}`, json(answerOf('cat.jpg'))]);
  const { env, requests } = await fakeService(Object.fromEntries(routes));
  const file = path.join(folder, 'cat.jpg');
  for (const args of [[], ['--alias', 'champion']]) {
    const words = ['predict', file, '--experiment', 'night', ...args];
    expect(await run(words, captureTerminal().terminal, env)).toBe(0);
  }
  expect(requests.map(({ url }) => url?.split('?')[0])).toEqual(paths);
});

it('a file that is not there is named, with what to do', async () => {
  const { code, error } = await output({}, '/not/there.png');
  expect([code, error]).toEqual([2, 'error: /not/there.png cannot be read (ENOENT); name an image file\n']);
});

const predicted = {
  id: 'prd_01jzzzzzzzzzzzzzzzzzzzzzzz',
  state: 'succeeded',
  terminal: true,
  progress: { done: 3, total: 3 },
  problem: null,
  results: { images: 3, unreadable: 1 },
};

/** A service that has classified what it was sent. */
function batchService(done: object = predicted) {
  const table = 'image,class\r\n';
  const digest = createHash('sha256').update(table).digest('base64');
  const upload = { id: 'upl_01jzzzzzzzzzzzzzzzzzzzzzzz', offset: 0, bytes: 0 };
  return fakeService({
    'POST /v1/uploads': json(upload),
    'POST /v1/predictions': json({ ...predicted, terminal: false }),
    [`GET /v1/predictions/${predicted.id}`]: json(done),
    [`GET /v1/predictions/${predicted.id}/download`]: (_, response) => {
      response.setHeader('content-disposition', `attachment; filename="${predicted.id}.csv"`);
      response.setHeader('repr-digest', `sha-256=:${digest}:`).end(table);
    },
  });
}

it('a folder or a dataset is classified as queued work into a table', async () => {
  const { env, requests } = await batchService();
  const output = path.join(folder, 'out.csv');
  for (const words of [
    [folder, '--job', jobId],
    ['pets@2', '--split', 'all', '--experiment', 'night'],
  ]) {
    const { terminal, written } = captureTerminal();
    expect(await run(['predict', ...words, '--output', output, '--force'], terminal, env)).toBe(0);
    expect(written.out).toMatch(/out\.csv {2}3 images {2}13 B {2}sha256 \w{64}\n1 could not be read: the column error/);
    expect(await readFile(output, 'utf8')).toBe('image,class\r\n');
  }
  const bodies = requests.filter(({ url, method }) => method === 'POST' && url === '/v1/predictions');
  expect(bodies.map(({ body }) => JSON.parse(body))).toEqual([
    { jobId, checkpoint: 'best', uploadId: 'upl_01jzzzzzzzzzzzzzzzzzzzzzzz' },
    { experiment: 'night', dataset: 'pets', version: 2, split: 'all' },
  ]);
});

it('a table is refused that is neither CSV nor Parquet, and a prediction that failed says why', async () => {
  const problem = { code: 'not_found', detail: 'dataset pets@2 does not exist', faults: [] };
  const { env } = await batchService({ ...predicted, state: 'failed', results: null, problem });
  const errorOf = async (output: string) => {
    const { terminal, written } = captureTerminal();
    const code = await run(['predict', 'pets@2', '--job', jobId, '--output', output], terminal, env);
    return [code, written.error];
  };
  const format = 'error: --output out.txt must end in .csv or .parquet, or be - for CSV\n';
  expect(await errorOf('out.txt')).toEqual([2, format]);
  expect(await errorOf(path.join(folder, 'no.csv'))).toEqual([2, 'error: dataset pets@2 does not exist\n']);
});
