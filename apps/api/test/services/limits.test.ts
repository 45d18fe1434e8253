import type { KeyLimits } from '@trainyard/contracts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finish, startJob } from '../support/jobs.js';
import { type Service, startService } from '../support/service.js';

const none: KeyLimits = { requestsPerMinute: null, queuedJobs: null, trainingSecondsPerDay: null };
let service: Service;
beforeAll(async () => {
  service = await startService({ limits: { ...none, queuedJobs: 3 } });
});
afterAll(() => service.close());

/** Creates a key, and returns functions that send requests with it. */
async function keyWith(limits: Partial<KeyLimits>, of = service) {
  const key = { name: 'k', role: 'submitter', project: 'default', limits: { ...none, ...limits } } as const;
  const { id, secret } = await of.db.keys.create(key);
  const authorization = `Bearer ${secret}`;
  const submit = (headers: object = {}) =>
    of.anonymous
      .post('/v1/jobs')
      .set({ authorization, ...headers })
      .send({ architecture: 'lenet' });
  const get = (path: string) => of.anonymous.get(path).set({ authorization });
  const post = (path: string) => of.anonymous.post(path).set({ authorization });
  return { id, submit, get, post };
}

interface Refusal {
  status: number;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

function expectRefused({ status, headers, body }: Refusal, limit: keyof KeyLimits): void {
  expect(status).toBe(429);
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(body).toMatchObject({ code: limit === 'requestsPerMinute' ? 'rate_limited' : 'quota_exceeded', limit });
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
}

describe('requests a minute', () => {
  it('are counted per key, against its own limit or the default one', async () => {
    const other = await startService({ limits: { ...none, requestsPerMinute: 3 } });
    const [usual, narrow, wide] = [
      await keyWith({}, other),
      await keyWith({ requestsPerMinute: 1 }, other),
      await keyWith({ requestsPerMinute: 50 }, other),
    ];
    await narrow.get('/v1/jobs').expect(200);
    expectRefused(await narrow.get('/v1/jobs'), 'requestsPerMinute');
    for (let i = 0; i < 3; i++) await usual.get('/v1/jobs').expect(200);
    expectRefused(await usual.get('/v1/jobs'), 'requestsPerMinute');
    for (let i = 0; i < 10; i++) await wide.get('/v1/jobs').expect(200);
    await other.close();
  });
});

describe('queued jobs', () => {
  it('never exceed the limit of the key, also when many are submitted at once', async () => {
    const key = await keyWith({ queuedJobs: 5 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => key.submit()));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(5);
    for (const answer of answers.filter(({ status }) => status !== 202)) expectRefused(answer, 'queuedJobs');
  });

  it('are limited by the default where the key has no limit, and counted apart from those of other keys', async () => {
    const [first, second] = [await keyWith({}), await keyWith({})];
    for (let i = 0; i < 3; i++) await first.submit().expect(202);
    expectRefused(await first.submit(), 'queuedJobs');
    await second.submit().expect(202);
  });

  it('may be replaced as soon as one is cancelled; a retry counts too', async () => {
    const key = await keyWith({ queuedJobs: 1 });
    const { body } = await key.submit().expect(202);
    await key.post(`/v1/jobs/${body.id}/cancel`).expect(202);
    await key.submit().expect(202);
    expectRefused(await key.post(`/v1/jobs/${body.id}/retry`), 'queuedJobs');
  });

  it('do not refuse a request that is repeated after its answer was lost', async () => {
    const key = await keyWith({ queuedJobs: 1 });
    const again = { 'idempotency-key': 'lost' };
    const { body } = await key.submit(again).expect(202);
    const repeated = await key.submit(again).expect(202);
    expect(repeated.headers['idempotency-replayed']).toBe('true');
    expect(repeated.body.id).toBe(body.id);
    for (const verb of ['retry', 'resume']) await key.post(`/v1/jobs/${body.id}/${verb}`).expect(200);
    expectRefused(await key.submit({ 'idempotency-key': 'another' }), 'queuedJobs');
  });

  it('are not counted for a repeated idempotency key or a faulty spec, which queue nothing', async () => {
    const key = await keyWith({ queuedJobs: 2 });
    const again = { 'idempotency-key': 'again' };
    for (let i = 0; i < 4; i++) await key.submit(again).expect(202);
    for (let i = 0; i < 4; i++) await key.post('/v1/jobs').send({ architecture: 'none' }).expect(422);
    await key.submit().expect(202);
    expectRefused(await key.submit(), 'queuedJobs');
  });
});

describe('training seconds a day', () => {
  const midnight = `date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'`;
  let client: pg.Client;
  beforeAll(async () => {
    client = new pg.Client({ connectionString: service.databaseUrl });
    await client.connect();
  });
  afterAll(() => client.end());

  /** Starts a job of the key, whose attempt began at the SQL expression `since`. */
  async function running(keyId: string, since: string) {
    const { jobId, token } = await startJob(service);
    await client.query('UPDATE jobs SET api_key_id = $1, heartbeat_at = now() WHERE id = $2', [keyId, jobId]);
    await client.query(`UPDATE attempts SET started_at = ${since} WHERE job_id = $1`, [jobId]);
    return { jobId, token };
  }
  const secondsSinceMidnight = async () =>
    Number((await client.query(`SELECT extract(epoch FROM now() - ${midnight})::int AS s`)).rows[0].s);

  it('of an attempt that began yesterday count from midnight', async () => {
    const key = await keyWith({ trainingSecondsPerDay: (await secondsSinceMidnight()) + 600 });
    const { token } = await running(key.id, `${midnight} - interval '5 hours'`);
    await key.submit().expect(202);
    await finish(service, token);
    const again = await keyWith({ trainingSecondsPerDay: (await secondsSinceMidnight()) + 600 });
    await client.query('UPDATE training_usage SET key_id = $1 WHERE key_id = $2', [again.id, key.id]);
    await again.submit().expect(202);
  });

  it('of a running attempt count, and Retry-After ends at the next midnight', async () => {
    const key = await keyWith({ trainingSecondsPerDay: 1 });
    await running(key.id, `now() - interval '1 minute'`);
    const answer = await key.submit();
    expectRefused(answer, 'trainingSecondsPerDay');
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(86_400);
  });

  it('still count after the job is deleted', async () => {
    const key = await keyWith({ trainingSecondsPerDay: 1 });
    const { jobId, token } = await running(key.id, `now() - interval '1 minute'`);
    await finish(service, token);
    await service.agent.delete(`/v1/jobs/${jobId}`).expect(204);
    expectRefused(await key.submit(), 'trainingSecondsPerDay');
  });
});
