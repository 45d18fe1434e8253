import type { ApiKey } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';

const key: ApiKey = {
  id: 'key_01jzzzzzzzzzzzzzzzzzzzzzzz',
  name: 'anna',
  role: 'reader',
  project: 'vision',
  limits: { requestsPerMinute: null, queuedJobs: 5, trainingSecondsPerDay: null },
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: null,
  revokedAt: null,
};

async function keys(argv: string[]) {
  const { env, requests } = await fakeService({
    'POST /v1/keys': json({ ...key, secret: 'ty_secret' }, 201),
    'GET /v1/keys': json({
      data: [
        key,
        { ...key, revokedAt: key.createdAt },
        { ...key, expiresAt: key.createdAt },
        { ...key, expiresAt: '9999-01-31T10:30:00.000Z' },
      ],
      nextCursor: null,
    }),
    [`POST /v1/keys/${key.id}/revoke`]: json({ ...key, revokedAt: key.createdAt }),
  });
  const { terminal, written } = captureTerminal({ columns: 120 });
  return { code: await run(['keys', ...argv], terminal, env), out: written.out, requests };
}

it('a key is made as asked for, and its secret is shown', async () => {
  const options = ['--role', 'reader', '--project', 'vision', '--queued-jobs', '5', '--expires', '9999-01-31'];
  const { code, out, requests } = await keys(['create', 'anna', ...options]);
  expect(code).toBe(0);
  const body = {
    name: 'anna',
    role: 'reader',
    project: 'vision',
    limits: { queuedJobs: 5 },
    expiresAt: '9999-01-31T00:00:00.000Z',
  };
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual(body);
  expect(out).toContain('\nty_secret\n');
});

it('keys are listed with their limits, and expired and revoked ones are marked', async () => {
  const { out } = await keys(['list']);
  expect(out.split('\n').slice(1, 5)).toEqual([
    expect.stringMatching(/^key_\w+ +vision +reader +anna +open +5 queued$/),
    expect.stringMatching(/^key_\w+ +vision +reader +anna +revoked +5 queued$/),
    expect.stringMatching(/^key_\w+ +vision +reader +anna +expired +5 queued$/),
    expect.stringMatching(/^key_\w+ +vision +reader +anna +until 9999-01-31 10:30 UTC +5 queued$/),
  ]);
});

it('a key is revoked by its id', async () => {
  const { code, out } = await keys(['revoke', key.id]);
  expect(code).toBe(0);
  expect(out).toBe(`${key.id}  revoked\n`);
});
