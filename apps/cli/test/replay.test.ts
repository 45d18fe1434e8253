import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';
import { jobId, makeJob } from './support/samples.js';

const copyId = 'job_01jd8q9r5tf6m7n8p9qrstvwx0';
const report = (verdict: string, message: string) => ({
  jobId: copyId,
  replayOf: jobId,
  verdict,
  message,
  epoch: null,
  epochsCompared: 3,
  firstDifference: null,
  weightsEqual: true,
  changed: ['learningRate'],
});

it.each([
  ['bitwiseEqual', 'bitwise equal', 0],
  ['diverged', 'diverged at epoch 1', 1],
])('a replay that is %s prints so, and has an exit code for it', async (verdict, message, code) => {
  const { env, requests } = await fakeService({
    [`POST /v1/jobs/${jobId}/replay`]: json({ ...makeJob({ id: copyId }), chosen: [], warnings: [] }, 202),
    [`GET /v1/jobs/${jobId}`]: json(makeJob()),
    [`GET /v1/jobs/${copyId}`]: json(makeJob({ id: copyId })),
    [`GET /v1/jobs/${copyId}/replay`]: json(report(verdict, message)),
  });
  const { terminal, written } = captureTerminal();
  const command = ['replay', jobId, '--set', 'learningRate=0.02', '--set', 'optimizer.type=adam', '--wait'];
  expect(await run(command, terminal, env)).toBe(code);
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ changes: { learningRate: 0.02, optimizer: { type: 'adam' } } });
  expect(written.out).toContain(`${copyId}\n${message}\n`);
  expect(await run(['replay', copyId, '--report'], captureTerminal().terminal, env)).toBe(code);
});
