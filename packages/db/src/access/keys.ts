import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type ApiKey,
  ConflictError,
  type CreatedKey,
  type KeyLimits,
  NotFoundError,
  type Role,
} from '@trainyard/contracts';
import { toKey } from '../jobs/rows.js';
import type { Client, Transaction } from '../postgres/client.js';
import type { Prisma } from '../postgres/generated/client.js';
import { newId } from '../postgres/ids.js';
import { checkStorable } from '../postgres/storable.js';

/** Who asks: what an authenticated request carries. */
export type Caller = Pick<ApiKey, 'id' | 'name' | 'role' | 'project' | 'limits'>;

export type NewKey = { name: string; role: Role; project: string; limits?: KeyLimits };

/** `ty_`, the id's 26 characters, and 256 random bits. The id finds the row; only the whole secret opens it. */
const pattern = /^ty_([0-9a-z]{26})_[A-Za-z0-9_-]{43}$/;
/** Compared with where there is no such key, so that the answer takes as long. */
const nobody = Buffer.alloc(32);

const digest = (secret: string): Buffer<ArrayBuffer> => Buffer.from(createHash('sha256').update(secret).digest());

/** The secret is told once, here, and stored nowhere. */
async function create(client: Transaction, { name, role, project, limits }: NewKey): Promise<CreatedKey> {
  checkStorable({ name });
  const id = newId('key');
  const secret = `ty_${id.slice('key_'.length)}_${randomBytes(32).toString('base64url')}`;
  const data = { id, name, role, project, ...limits, secretHash: digest(secret) };
  return { ...toKey(await client.apiKey.create({ data })), secret };
}

/** Makes a key if there is none yet; of processes that start at once only one gets it, the others null. */
function createFirst(client: Client, key: NewKey): Promise<CreatedKey | null> {
  return client.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE`;
    return (await tx.apiKey.count()) === 0 ? create(tx, key) : null;
  });
}

/** The key whose secret this is; null if there is none, or it was revoked. */
async function verify(client: Client, secret: string): Promise<Caller | null> {
  const id = pattern.exec(secret)?.[1];
  const row = id === undefined ? null : await findOpen(client, `key_${id}`);
  const matches = timingSafeEqual(digest(secret), row?.secretHash ?? nobody);
  if (row === null || !matches) return null;
  const { name, role, project, limits } = toKey(row);
  return { id: row.id, name, role, project, limits };
}

/** Every request asks this, hence by hand: less than half the time of Prisma's own query. */
async function findOpen(client: Client, id: string): Promise<Prisma.ApiKeyModel | null> {
  const [row] = await client.$queryRaw<Prisma.ApiKeyModel[]>`-- name: find_key
    SELECT id, name, role::text, project, requests_per_minute AS "requestsPerMinute", queued_jobs AS "queuedJobs",
      training_seconds_per_day AS "trainingSecondsPerDay", secret_hash AS "secretHash",
      created_at AS "createdAt", revoked_at AS "revokedAt"
    FROM api_keys WHERE id = ${id} AND revoked_at IS NULL`;
  return row ?? null;
}

/** @param project null: of every project. Oldest first, revoked ones too. */
async function list(client: Client, project: string | null): Promise<ApiKey[]> {
  const rows = await client.apiKey.findMany({
    where: project === null ? {} : { project },
    orderBy: [{ project: 'asc' }, { createdAt: 'asc' }, { id: 'asc' }],
  });
  return rows.map(toKey);
}

/**
 * From now on the key opens nothing. Revoking it again changes nothing.
 *
 * @param project where to look for it; null: in every project.
 * @throws NotFoundError; ConflictError where it is the key that asks, as a service whose last admin revoked itself would be shut.
 */
async function revoke(client: Client, id: string, project: string | null, askedBy: string): Promise<ApiKey> {
  const where = project === null ? { id } : { id, project };
  if ((await client.apiKey.count({ where })) === 0) throw new NotFoundError(`key ${id}`);
  if (id === askedBy) throw new ConflictError('a key cannot revoke itself; use another admin key');
  await client.apiKey.updateMany({ where: { ...where, revokedAt: null }, data: { revokedAt: new Date() } });
  return toKey(await client.apiKey.findUniqueOrThrow({ where: { id } }));
}

export const keys = (client: Client) => ({
  create: (key: NewKey) => create(client, key),
  createFirst: (key: NewKey) => createFirst(client, key),
  verify: (secret: string) => verify(client, secret),
  list: (project: string | null) => list(client, project),
  revoke: (id: string, project: string | null, askedBy: string) => revoke(client, id, project, askedBy),
});
