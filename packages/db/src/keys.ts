import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Client, Transaction } from './client.js';
import type { Role } from './generated/client.js';
import { newId } from './ids.js';

export type ApiKey = { id: string; name: string; role: Role };
/** The secret is told once, here, and stored nowhere. */
export type NewApiKey = { id: string; secret: string };

/** `ty_`, the id's 26 characters, and 256 random bits. The id finds the row; only the whole secret opens it. */
const pattern = /^ty_([0-9a-z]{26})_[A-Za-z0-9_-]{43}$/;
/** Compared with where there is no such key, so that the answer takes as long. */
const nobody = Buffer.alloc(32);

const digest = (secret: string): Buffer<ArrayBuffer> => Buffer.from(createHash('sha256').update(secret).digest());

async function create(client: Transaction, { name, role }: { name: string; role: Role }): Promise<NewApiKey> {
  const id = newId('key');
  const secret = `ty_${id.slice('key_'.length)}_${randomBytes(32).toString('base64url')}`;
  await client.apiKey.create({ data: { id, name, role, secretHash: digest(secret) } });
  return { id, secret };
}

/** Makes a key if there is none yet; of processes that start at once only one gets it, the others null. */
function createFirst(client: Client, key: { name: string; role: Role }): Promise<NewApiKey | null> {
  return client.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE`;
    return (await tx.apiKey.count()) === 0 ? create(tx, key) : null;
  });
}

/** The key whose secret this is; null if there is none, or it was revoked. */
async function verify(client: Client, secret: string): Promise<ApiKey | null> {
  const id = pattern.exec(secret)?.[1];
  const row = id === undefined ? null : await findOpen(client, `key_${id}`);
  const matches = timingSafeEqual(digest(secret), row?.secretHash ?? nobody);
  return row !== null && matches ? { id: row.id, name: row.name, role: row.role } : null;
}

/** Every request asks this, hence by hand: less than half the time of Prisma's own query. */
async function findOpen(client: Client, id: string): Promise<(ApiKey & { secretHash: Uint8Array }) | null> {
  const [row] = await client.$queryRaw<(ApiKey & { secretHash: Uint8Array })[]>`-- name: find_key
    SELECT id, name, role::text, secret_hash AS "secretHash" FROM api_keys WHERE id = ${id} AND revoked_at IS NULL`;
  return row ?? null;
}

export const keys = (client: Client) => ({
  create: (key: { name: string; role: Role }) => create(client, key),
  createFirst: (key: { name: string; role: Role }) => createFirst(client, key),
  verify: (secret: string) => verify(client, secret),
});
