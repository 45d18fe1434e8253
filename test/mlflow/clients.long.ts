import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  createHome,
  type EmbeddedStack,
  type Home,
  quickSpec,
  startEmbedded,
  waitForEnd,
} from '@trainyard/test-kit/service';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

let home: Home;
let stack: EmbeddedStack;
const program = fileURLToPath(new URL('client.py', import.meta.url));
const experiment = 'read by MLflow';
/** In the order of their submission; the seeds are 1, 2 and 3. */
const ids: string[] = [];

beforeAll(async () => {
  home = await createHome();
  stack = await startEmbedded(home);
  for (const seed of [1, 2, 3]) {
    const spec = { ...quickSpec, architecture: 'lenet', experiment, name: `seed ${seed}`, tags: ['mlflow'], seed };
    ids.push((await stack.client.submit(spec)).id);
  }
  for (const id of ids) expect((await waitForEnd(stack.client, id)).state).toBe('succeeded');
}, 300_000);
afterAll(async () => {
  await stack?.stop();
  await home.remove();
});

/** What client.py prints. */
async function read(python: string | undefined, access: NodeJS.ProcessEnv) {
  if (!python) throw new Error('PYTHON_2 and PYTHON_3 name no Pythons with MLflow: use npm run test:mlflow');
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-mlflow-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const env = { PATH: process.env.PATH, HOME: folder, MLFLOW_TRACKING_URI: stack.url, ...access };
  const args = [program, experiment, ids[1] ?? '', folder];
  const { stdout } = await promisify(execFile)(python, args, { env, cwd: folder });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

describe.each([
  ['2.22', process.env.PYTHON_2],
  ['3.17', process.env.PYTHON_3],
])('the client %s', (version, python) => {
  it.each(['a token', 'a password'])('reads experiments, runs, metrics and artifacts with %s', async (how) => {
    const key = stack.apiKey;
    const access =
      how === 'a token'
        ? { MLFLOW_TRACKING_TOKEN: key }
        : { MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: key };
    const got = await read(python, access);
    const [first, best, last] = ids as [string, string, string];
    const [job, epochs, results] = await Promise.all([
      stack.client.job(best),
      stack.client.metrics(best),
      stack.client.results(best),
    ]);
    const accuracies = await Promise.all(ids.map(async (id) => (await stack.client.results(id)).accuracy));
    expect(got).toMatchObject({
      version: expect.stringMatching(`^${version.replace('.', '\\.')}`),
      experiments: [experiment],
      sameExperiment: true,
      noExperiment: null,
      ordered: [last, best, first],
      pages: [[last, best], [first]],
      frame: { rows: 3, accuracies: accuracies.toSorted((a, b) => a - b) },
      run: { name: 'seed 2', status: 'FINISHED', dataset: job.dataset, tags: { mlflow: 'true' } },
      artifacts: ['checkpoints'],
      models: 0,
    });
    expect(got.run.metrics).toMatchObject({ test_accuracy: results.accuracy, test_loss: results.loss });
    expect(got.run.params).toMatchObject({ architecture: 'lenet', seed: '2', 'dataset.name': job.dataset });
    expect(got.history).toEqual(epochs.map(({ epoch, validationLoss }) => [epoch, validationLoss]));
    expect(got.folder).toContain('checkpoints/best/model.safetensors');
    expect(Object.keys(got.digests)).toEqual(expect.arrayContaining(['manifest.json', 'model.zip']));
    expect(Object.values(got.digests)).not.toContain(false);
    expect(got.refusals).toMatchObject({
      filter: ['INVALID_PARAMETER_VALUE', expect.stringContaining('LIKE')],
      run: ['RESOURCE_DOES_NOT_EXIST', expect.any(String)],
      write: ['ENDPOINT_NOT_FOUND', expect.any(String)],
    });
  });
});
