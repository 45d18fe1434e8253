import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';
import { jobId, makeEpoch, makeEvent, makeJob, makeResults } from './support/samples.js';

it('a job is shown with what its workers warned of, once', async () => {
  const message = 'training runs in plain JavaScript; type: npm run build:native';
  const warnings = [2, 5].map((sequence) => makeEvent(sequence, 'warning', { code: 'slow_executor', message }));
  const { env, requests } = await fakeService({
    [`GET /v1/jobs/${jobId}`]: json(makeJob()),
    [`GET /v1/jobs/${jobId}/metrics`]: json({ data: [makeEpoch()] }),
    [`GET /v1/jobs/${jobId}/results`]: json(makeResults()),
    [`GET /v1/jobs/${jobId}/events`]: (request, response) => {
      const isFirst = request.url.includes('after=0');
      json({ data: isFirst ? warnings : [makeEvent(6, 'succeeded')], nextCursor: isFirst ? '5' : null })(
        request,
        response,
      );
    },
  });
  const { terminal, written } = captureTerminal();
  expect(await run(['show', jobId], terminal, env)).toBe(0);
  expect(written.out.split('\n').filter((line) => line.includes('warning'))).toEqual([`  warning: ${message}`]);
  expect(requests.some(({ url }) => url.includes('after=5'))).toBe(true);
  expect(written.out).toMatch(
    /\nAccuracy\n[\s\S]+\nLoss\n[\s\S]+\nTest accuracy of each class\n {2}airplane 70 % .* {2}#+\n/,
  );
});
