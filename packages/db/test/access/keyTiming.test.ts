import { expect, test, vi } from 'vitest';
import { useDatabase } from '../fixtures.js';

const compared = vi.hoisted(() => vi.fn());
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const timingSafeEqual: typeof crypto.timingSafeEqual = (a, b) => {
    compared(a.byteLength, b.byteLength);
    return crypto.timingSafeEqual(a, b);
  };
  return { ...crypto, timingSafeEqual };
});

const suite = useDatabase();

test('one comparison of two digests in constant time decides for right, wrong, revoked and unknown keys', async () => {
  const { keys } = suite.db;
  const of = { role: 'reader', project: 'default' } as const;
  const [right, revoked] = [await keys.create({ name: 'a', ...of }), await keys.create({ name: 'b', ...of })];
  await keys.revoke(revoked.id, null, right.id);
  const unknown = right.secret.replace(right.secret.slice(3, 29), '0'.repeat(26));
  const wrong = `${right.secret.slice(0, 30)}${revoked.secret.slice(30)}`;
  for (const [secret, opens] of [
    [right.secret, true],
    [wrong, false],
    [revoked.secret, false],
    [unknown, false],
    ['nonsense', false],
  ] as const) {
    compared.mockClear();
    expect((await keys.verify(secret)) !== null).toBe(opens);
    expect(compared.mock.calls).toEqual([[32, 32]]);
  }
});
