import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService, submit } from '../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const statements = [
  `'; DROP TABLE jobs; --`,
  `' OR '1'='1`,
  `\\'; SELECT pg_sleep(60); --`,
  `$1`,
  `%`,
  `{a}`,
  `" OR ""="`,
];

describe('SQL in the input of users', () => {
  it.each(statements)('is stored and found as text: %s', async (text) => {
    const id = await submit(service, { name: text, experiment: text, notes: text, tags: [text] });
    await submit(service);
    const job = await service.agent.get(`/v1/jobs/${id}`).expect(200);
    expect(job.body).toMatchObject({ name: text, experiment: text, notes: text, tags: [text] });
    const list = await service.agent.get('/v1/jobs').query({ experiment: text }).expect(200);
    expect(list.body.data.map((found: { id: string }) => found.id)).toEqual([id]);
    const results = await service.agent
      .get('/v1/results')
      .query({ experiment: text, architecture: text, dataset: text });
    expect(results.body).toEqual({ data: [], nextCursor: null });
  });

  it.each(statements)('has no effect as an id, a sort or a cursor: %s', async (text) => {
    const cursor = Buffer.from(JSON.stringify(['-created', '2026-01-01T00:00:00.000Z', text])).toString('base64url');
    await service.agent.get('/v1/jobs').query({ cursor }).expect(200);
    await service.agent.get('/v1/jobs').query({ cursor: text }).expect(400);
    await service.agent.get('/v1/results').query({ sort: text }).expect(400);
    await service.agent.get('/v1/jobs').query({ state: text }).expect(400);
    await service.agent.get(`/v1/jobs/${encodeURIComponent(text)}`).expect(400);
    await service.agent.get('/v1/audit').query({ object: text }).expect(200, { data: [], nextCursor: null });
  });
});

describe('a log', () => {
  it('has one line of JSON per entry, also with newlines and control characters in the input', async () => {
    const forged = '\n{"level":60,"msg":"forged"}\r\n\u001b[2J\u001b]0;title\u0007';
    const id = await submit(service, { name: forged, notes: forged, experiment: forged, tags: ['\u001b[31m'] });
    const encoded = encodeURIComponent(forged);
    await service.agent.get(`/v1/jobs/${id}/${encoded}`).expect(404);
    await service.agent.get(`/v1/jobs/${encoded}`).expect(400);
    await service.agent.get(`/${encoded}`).expect(404);
    await service.agent
      .get('/v1/jobs')
      .query({ [forged]: forged, cursor: forged })
      .expect(400);
    await service.agent
      .post('/v1/jobs')
      .send({ architecture: forged, [forged]: 1 })
      .expect(422);
    await service.agent.post('/v1/keys').send({ name: forged }).expect(400);
    const entries = service.lines
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.length).toBeGreaterThan(5);
    expect(entries.map(({ msg }) => msg)).not.toContain('forged');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there.
    expect(service.lines.join('')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  });
});

describe('ids and numbers that are too large', () => {
  it.each([
    [`/v1/jobs/job_${'0'.repeat(10_000)}`, [400, 404, 414]],
    ['/v1/jobs/job_00000000000000000000000000/checkpoints/999999', [404]],
    ['/v1/jobs/job_00000000000000000000000000/checkpoints/9999999', [400]],
    ['/v1/jobs/job_00000000000000000000000000/events?after=9007199254740993', [400]],
    ['/v1/jobs?limit=1e9', [400]],
    [`/v1/jobs?cursor=${'a'.repeat(10_000)}`, [400]],
    ['/v1/results?minAccuracy=1e999', [400]],
    ['/v1/results?filter=%22%29%3B+DROP+TABLE+jobs%3B+--', [400]],
    ['/v1/jobs?filter=name+%3D+%22%00%22', [400]],
    ['/v1/jobs?filter=name+LIKE+%22%5C%5C%22', [400]],
    [`/v1/jobs?filter=${'('.repeat(4000)}`, [400]],
    [`/${'a/'.repeat(5000)}`, [404]],
  ] as const)('%.60s', async (path, statuses) => {
    const { status, headers } = await service.agent.get(path);
    expect(statuses).toContain(status);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  });
});
