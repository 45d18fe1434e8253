import { eventually } from '@trainyard/test-kit';
import { quickSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import getPort from 'get-port';
import { expect, it } from 'vitest';

type Line = {
  process?: string;
  jobId?: string;
  attempt?: number;
  requestId?: string;
  trainerPid?: number;
  msg?: string;
};

/** The log lines of a job. */
const linesOf = (lines: string[], jobId: string): Line[] =>
  lines
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []))
    .filter((line) => line.jobId === jobId);

/** The value of a metric, summed over its labels. */
function sumOf(text: string, name: string): number {
  const values = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].map(([, value]) =>
    Number(value),
  );
  if (values.length === 0) throw new Error(`there is no ${name} in\n${text}`);
  return values.reduce((sum, value) => sum + value, 0);
}

it('the logs of API, worker and trainer contain the request id of a job, and their metrics count it', async () => {
  const served = await useServed();
  const port = await getPort({ host: '127.0.0.1' });
  const worker = await served.startWorker({ TRAINYARD_WORKER_METRICS_PORT: String(port) });
  const { client } = served;
  const { id } = await client.submit(quickSpec);
  expect((await waitForEnd(client, id)).state).toBe('succeeded');
  const events = [];
  for await (const event of client.events(id)) events.push(event);
  const requestId = events[0]?.data.requestId;
  expect(requestId).toMatch(/^req_/);

  const ofApi = linesOf(served.api.lines, id);
  const ofWorker = await eventually('the end of the attempt in the log', () => {
    const lines = linesOf(worker.lines, id);
    return lines.some(({ msg }) => msg === 'tested') && lines;
  });
  expect(ofApi.find(({ msg }) => msg === 'job submitted')).toMatchObject({ process: 'api', requestId });
  expect(ofWorker.length).toBeGreaterThan(4);
  for (const line of ofWorker) expect(line).toMatchObject({ process: 'worker', requestId, attempt: 1 });
  expect(ofWorker.some(({ trainerPid }) => typeof trainerPid === 'number')).toBe(true);

  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(sumOf(text, 'trainyard_attempts_total')).toBe(1);
  expect(text).toContain('trainyard_attempts_total{outcome="succeeded",code=""} 1');
  expect(sumOf(text, 'trainyard_queue_wait_seconds_count')).toBe(1);
  expect(sumOf(text, 'trainyard_step_seconds_count')).toBe(quickSpec.epochs);
  expect(sumOf(text, 'trainyard_step_seconds_sum')).toBeGreaterThan(0);
  expect(sumOf(text, 'trainyard_training_seconds_total')).toBeGreaterThan(0);
  expect(sumOf(text, 'trainyard_checkpoint_seconds_count')).toBeGreaterThanOrEqual(1);
  expect(sumOf(text, 'trainyard_checkpoint_bytes_total')).toBeGreaterThan(10_000);
  expect(sumOf(text, 'trainyard_db_query_seconds_count')).toBeGreaterThan(10);
});
