import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useDatabase } from '../fixtures.js';

const suite = useDatabase();
let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: suite.url });
  await client.connect();
});
afterAll(() => client.end());

async function opened() {
  const { id } = await suite.db.keys.create({ name: 'anna', role: 'reader', project: 'default' });
  const session = await suite.db.sessions.open(id);
  if (!session) throw new Error('no session was opened');
  return { keyId: id, ...session };
}
const age = (keyId: string, column: 'used_at' | 'created_at', time: string) =>
  client.query(`UPDATE sessions SET ${column} = now() - $2::interval WHERE key_id = $1`, [keyId, time]);

test('a session is found by its token and by nothing else', async () => {
  const { token, keyId } = await opened();
  expect(await suite.db.sessions.verify(token)).toMatchObject({ id: keyId, name: 'anna', role: 'reader' });
  for (const wrong of ['', `${token}x`, token.toUpperCase()]) expect(await suite.db.sessions.verify(wrong)).toBeNull();
});

test('a session ends after twelve hours without use, and after seven days', async () => {
  const { token, keyId } = await opened();
  await age(keyId, 'used_at', '11 hours 59 minutes');
  await age(keyId, 'created_at', '6 days 23 hours');
  expect(await suite.db.sessions.verify(token)).not.toBeNull();
  await age(keyId, 'used_at', '12 hours 1 minute');
  expect(await suite.db.sessions.verify(token)).toBeNull();
  await age(keyId, 'used_at', '0');
  await age(keyId, 'created_at', '7 days 1 minute');
  expect(await suite.db.sessions.verify(token)).toBeNull();
});

test('its use keeps it', async () => {
  const { token, keyId } = await opened();
  await age(keyId, 'used_at', '11 hours');
  await suite.db.sessions.verify(token);
  const { rows } = await client.query(
    `SELECT used_at > now() - interval '1 minute' AS used FROM sessions WHERE key_id = $1`,
    [keyId],
  );
  expect(rows).toEqual([{ used: true }]);
});

test('a code opens one session of those who send it at the same time, and none after ten minutes', async () => {
  const { keyId } = await opened();
  const { code } = await suite.db.sessions.createCode(keyId);
  const sessions = await Promise.all([1, 2, 3].map(() => suite.db.sessions.exchange(code)));
  expect(sessions.filter((session) => session !== null)).toHaveLength(1);
  const late = await suite.db.sessions.createCode(keyId);
  await client.query(`UPDATE sign_in_codes SET expires_at = expires_at - interval '10 minutes'`);
  expect(await suite.db.sessions.exchange(late.code)).toBeNull();
});

test('no token and no code is stored', async () => {
  const { keyId, token } = await opened();
  const { code } = await suite.db.sessions.createCode(keyId);
  const { rows } = await client.query(
    `SELECT encode(token_hash, 'escape') || encode(token_hash, 'base64') AS stored FROM sessions
     UNION ALL SELECT encode(code_hash, 'escape') || encode(code_hash, 'base64') FROM sign_in_codes`,
  );
  const stored = JSON.stringify(rows);
  for (const secret of [token, code]) {
    expect(stored).not.toContain(secret);
    expect(stored).not.toContain(Buffer.from(secret, 'base64url').toString('base64'));
  }
  expect(rows.length).toBeGreaterThanOrEqual(2);
});
