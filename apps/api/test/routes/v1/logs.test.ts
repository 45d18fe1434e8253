import type { AddressInfo } from 'node:net';
import { TrainyardClient } from '@trainyard/client';
import type { LogLine } from '@trainyard/contracts';
import { eventually } from '@trainyard/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finish, finishedJob, startJob } from '../../support/jobs.js';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
let client: TrainyardClient;
beforeAll(async () => {
  service = await startService();
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = service.app.server.address() as AddressInfo;
  client = new TrainyardClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey: service.admin.secret });
});
afterAll(() => service.close());

const collect = async (lines: AsyncIterable<LogLine>) => {
  const all: LogLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
};
const messages = (lines: LogLine[]) => lines.map(({ message }) => message);

it('the log of a job has a line for each event, under its number', async () => {
  const id = await finishedJob(service);
  const lines = await collect(client.logs(id));
  const events = await collect(client.eventsSoFar(id) as never);
  expect(lines.map(({ sequence, type, at }) => ({ sequence, type, at }))).toEqual(
    events.map(({ sequence, type, at }) => ({ sequence, type, at })),
  );
  expect(messages(lines)).toEqual([
    'submitted',
    'attempt 1 started by wrk_01jzzzzzzzzzzzzzzzzzzzzzzz',
    'epoch 1: training loss 2.0000, validation loss 2.1000, accuracy 9.09 %, learning rate 0.0100, 1000 images/s, ' +
      'native on cpu',
    'checkpoint stored: epoch 1, the best',
    expect.stringMatching(/^epoch 2: /),
    'checkpoint stored: epoch 2, the best',
    'tested: accuracy 60.00 %, loss 1.2500',
    'succeeded',
  ]);
});

it('says why attempts failed, with what the trainer wrote, and where the next goes on', async () => {
  const { jobId, token } = await startJob(service, { maxAttempts: 2 });
  await service.db.attempts.output(token, ['terminate called', 'what(): no luck']);
  const failure = { code: 'trainer_crashed', message: 'the trainer was ended by SIGABRT' } as const;
  await service.db.attempts.fail(token, failure, { retryable: true });
  const workerId = 'wrk_01jzzzzzzzzzzzzzzzzzzzzzzz';
  const second = await service.db.attempts.open({ jobId, attempt: 2, workerId });
  await service.db.attempts.fail(second?.token ?? '', failure, { retryable: true });
  const lines = (await collect(client.logs(jobId))).slice(2);
  expect(lines.map(({ level, attempt, message }) => [level, attempt, message])).toEqual([
    ['warning', 1, 'trainer: terminate called'],
    ['warning', 1, 'trainer: what(): no luck'],
    ['error', 1, 'attempt 1 failed: the trainer was ended by SIGABRT (trainer_crashed); one attempt is left'],
    ['info', 2, `attempt 2 started by ${workerId}`],
    ['error', 2, 'failed: the trainer was ended by SIGABRT (trainer_crashed)'],
  ]);
});

it('is paged by cursor, and gives its last lines', async () => {
  const id = await submit(service);
  await client.cancel(id);
  const { body } = await service.agent.get(`/v1/jobs/${id}/logs?limit=1`).expect(200);
  expect(body).toMatchObject({ data: [{ sequence: 1, message: 'submitted' }], nextCursor: '1' });
  const rest = await service.agent.get(`/v1/jobs/${id}/logs?after=1`).expect(200);
  expect(rest.body).toMatchObject({ data: [{ sequence: 2, message: 'cancelled' }], nextCursor: null });
  expect(messages(await collect(client.logs(id, { tail: 1 })))).toEqual(['cancelled']);
  await service.agent.get(`/v1/jobs/${id}/logs?tail=0`).expect(400);
});

it('is followed to the end of its job', async () => {
  const { jobId, token } = await startJob(service);
  const following = collect(client.followLogs(jobId, { after: 1 }));
  await eventually('the subscription', () => service.app.liveEvents.subscribers > 0);
  await finish(service, token);
  const lines = await following;
  expect(lines[0]?.sequence).toBe(2);
  expect(lines.at(-1)?.message).toBe('succeeded');
});

it('a job that does not exist has no log', async () => {
  for (const query of ['', '?tail=5'])
    await service.agent.get(`/v1/jobs/job_01jzzzzzzzzzzzzzzzzzzzzzzz/logs${query}`).expect(404);
});
