import pg from 'pg';
import { expect, test } from 'vitest';
import { useDatabase } from '../fixtures.js';

const suite = useDatabase();

test('of processes that start at the same time only one creates the first key', async () => {
  const created = await Promise.all(
    Array.from({ length: 5 }, () => suite.db.keys.createFirst({ name: 'first', role: 'admin', project: 'default' })),
  );
  expect(created.filter((key) => key !== null)).toHaveLength(1);
});

test('a key is accepted with its secret and with nothing else', async () => {
  const { id, secret } = await suite.db.keys.create({ name: 'laptop', role: 'submitter', project: 'default' });
  const other = await suite.db.keys.create({ name: 'other', role: 'reader', project: 'default' });
  expect(await suite.db.keys.verify(secret)).toMatchObject({
    id,
    name: 'laptop',
    role: 'submitter',
    project: 'default',
  });
  const flipped = secret.slice(0, -2) + (secret.endsWith('AA') ? 'BB' : 'AA');
  const mixed = secret.slice(0, 30) + other.secret.slice(30);
  const unknown = secret.replace(secret.slice(3, 29), '0'.repeat(26));
  for (const wrong of ['', 'ty_', flipped, mixed, unknown, `${secret}x`, secret.toUpperCase(), id]) {
    expect(await suite.db.keys.verify(wrong)).toBeNull();
  }
});

test('a revoked key is not accepted', async () => {
  const { id, secret } = await suite.db.keys.create({ name: 'lost', role: 'admin', project: 'default' });
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  await client.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id]);
  await client.end();
  expect(await suite.db.keys.verify(secret)).toBeNull();
});

test('no part of a secret is stored, only its SHA-256', async () => {
  const { id, secret } = await suite.db.keys.create({ name: 'hidden', role: 'reader', project: 'default' });
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  const { rows } = await client.query('SELECT * FROM api_keys WHERE id = $1', [id]);
  await client.end();
  const stored = JSON.stringify(rows, (_key, value) =>
    value?.type === 'Buffer' ? Buffer.from(value).toString('latin1') : value,
  );
  expect(stored).not.toContain(secret.slice(30));
  expect(stored).not.toContain(Buffer.from(secret.slice(30), 'base64url').toString('latin1'));
  expect(rows[0].secret_hash).toHaveLength(32);
});
