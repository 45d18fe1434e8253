import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createHome, quickSpec, startEmbedded, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';

const execute = promisify(execFile);
const program = fileURLToPath(new URL('read.py', import.meta.url));
const cli = fileURLToPath(new URL('../../apps/cli/bin/trainyard.js', import.meta.url));

it('TensorBoard reads scalars, hyper-parameters and the confusion matrix of two jobs', async () => {
  const python = process.env.PYTHON;
  if (!python) throw new Error('PYTHON names no Python with TensorBoard: use npm run test:tensorboard');
  const home = await createHome();
  onTestFinished(() => home.remove());
  const stack = await startEmbedded(home);
  onTestFinished(() => stack.stop());
  const folder = path.join(home.folder, 'runs');
  const env = { ...process.env, TRAINYARD_URL: stack.url, TRAINYARD_API_KEY: stack.apiKey };
  const ids: string[] = [];
  for (const seed of [1, 2]) {
    const { id } = await stack.client.submit({ ...quickSpec, architecture: 'lenet', name: `seed ${seed}`, seed });
    expect((await waitForEnd(stack.client, id)).state).toBe('succeeded');
    // Twice: the second file replaces the first.
    for (let i = 0; i < 2; i++)
      await execute(process.execPath, [cli, 'results', id, '--format', 'tensorboard', folder], { env });
    ids.push(id);
  }

  const runs = JSON.parse((await execute(python, [program, folder])).stdout);
  expect(Object.keys(runs).sort()).toEqual([...ids].sort());
  for (const id of ids) {
    const [job, epochs, results] = await Promise.all([
      stack.client.job(id),
      stack.client.metrics(id),
      stack.client.results(id),
    ]);
    const { scalars, images, hparams, group, status } = runs[id];
    const series = (tag: string) => scalars[tag].map(([step, , value]: number[]) => [step, value]);
    expect(series('loss/validation')).toEqual(epochs.map((e) => [e.epoch, Math.fround(e.validationLoss)]));
    expect(series('training/learningRate')).toEqual(epochs.map((e) => [e.epoch, Math.fround(e.learningRate)]));
    expect(series('test/accuracy')).toEqual([[results.epoch, Math.fround(results.accuracy)]]);
    for (const { class: name, recall } of results.classes)
      if (recall !== null) expect(series(`recall/${name}`)).toEqual([[results.epoch, Math.fround(recall)]]);
    const [[step, width, height, size]] = images['test/confusion'];
    expect(step).toBe(results.epoch);
    expect(size).toEqual([width, height]);
    const { spec } = job;
    expect(hparams).toMatchObject({
      'dataset.name': spec.dataset.name,
      'optimizer.type': spec.optimizer.type,
      epochs: spec.epochs,
      name: job.name,
      seed: spec.seed,
    });
    expect([group, status]).toEqual([id, 1]);
  }
});
