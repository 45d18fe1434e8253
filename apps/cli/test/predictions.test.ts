import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';
import { jobId } from './support/samples.js';

const cat = { image: 7, actual: 'cat', predicted: 'dog', correct: false, confidence: 0.987, actualProbability: 0.01 };

async function output(path: string, answer: object, ...args: string[]) {
  const { env, requests } = await fakeService({ [`GET ${path}`]: json(answer) });
  const { terminal, written } = captureTerminal();
  expect(await run(['predictions', ...args], terminal, env)).toBe(0);
  return { lines: written.out.trimEnd().split('\n'), query: new URL(requests[0]?.url ?? '', 'http://x').searchParams };
}

it('the wrong predictions of a job are a table', async () => {
  const page = { data: [cat], nextCursor: 'abc', images: 100, matched: 30, missing: null };
  const { lines, query } = await output(`/v1/jobs/${jobId}/predictions`, page, jobId, '--wrong', '--actual', 'cat');
  expect([query.get('wrong'), query.get('actual'), query.get('limit')]).toEqual(['true', 'cat', '20']);
  expect(lines).toEqual([
    'image  class  taken for  confidence  class’s own',
    '    7  cat    dog           98.70 %       1.00 %',
    '30 of 100 test images match',
    '',
    'more: --cursor abc',
  ]);
});

it('a job without predictions says why', async () => {
  const page = { data: [], nextCursor: null, images: null, matched: 0, missing: 'older' };
  const { lines } = await output(`/v1/jobs/${jobId}/predictions`, page, jobId);
  expect(lines).toEqual(['no predictions: older']);
});

it('the images of a dataset say how many runs miss them', async () => {
  const row = { image: 7, actual: 'cat', missed: 2, takenFor: 'dog', actualProbability: 0.02, suspected: 1 };
  const page = { data: [row], nextCursor: null, images: 100, matched: 1, runs: [jobId, jobId], missing: null };
  const { lines, query } = await output(
    '/v1/datasets/set/predictions',
    page,
    '--dataset',
    'set',
    '--show',
    'suspected',
  );
  expect(query.get('show')).toBe('suspected');
  expect(lines[1]).toBe('    7  cat          2/2  dog                    2.00 %           1/2');
  expect(lines[2]).toBe('1 of 100 test images match, over 2 runs');
});

it('neither a job nor a dataset, or both, is a usage error', async () => {
  for (const args of [[], [jobId, '--dataset', 'set']]) {
    const { terminal, written } = captureTerminal();
    expect(await run(['predictions', ...args], terminal, {})).toBe(2);
    expect(written.error).toContain('either the id of a job or --dataset');
  }
});
