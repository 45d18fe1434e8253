import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/bench.mjs', import.meta.url));

function bench(...args: string[]) {
  const { TRAINYARD_TORCH_PEER: _peer, ...env } = process.env;
  return promisify(execFile)(process.execPath, [script, ...args], { env });
}

it('times steps of a preset on its own where there is no peer, and says so', async () => {
  const { stdout, stderr } = await bench(
    '--model',
    'lenet',
    '--batch',
    '4',
    '--rounds',
    '2',
    '--seconds',
    '0.05',
    '--json',
  );
  expect(stderr).toContain('NO PEER');
  const figures = JSON.parse(stdout);
  expect(figures).toMatchObject({
    model: 'lenet',
    batch: 4,
    executor: 'native',
    rounds: 2,
    peerImagesPerSecond: null,
    ratio: null,
  });
  expect((figures.imagesPerSecond * figures.msPerStep) / 4000).toBeCloseTo(1, 1);
  expect(figures.peakBytes).toBeGreaterThan(2e7);
});

it('names a wrong option and ends with 2', async () => {
  await expect(bench('--mode', 'best')).rejects.toMatchObject({
    code: 2,
    stderr: '--mode best: resident or article\n',
  });
});
