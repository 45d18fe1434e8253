import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type ApiKey,
  ConflictError,
  type CreatedKey,
  type KeyLimits,
  NotFoundError,
  type Role,
  roleSchema,
  TrainyardError,
} from '@trainyard/contracts';
import { z } from 'zod';
import { checkStorable } from '../postgres/checkStorable.js';
import type { Prisma } from '../postgres/generated/client.js';
import { newId } from '../postgres/newId.js';
import type { Connection, Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';

/** The key that an authenticated request was sent with. */
export type Caller = Pick<ApiKey, 'id' | 'name' | 'role' | 'project' | 'limits'>;

/** @param expiresAt RFC 3339; null or absent: never */
export type NewKey = {
  name: string;
  role: Role;
  project: string;
  limits?: KeyLimits;
  expiresAt?: string | null;
};

/** `ty_`, the id's 26 characters, and 256 random bits. The id finds the row; only the whole secret is accepted. */
const pattern = /^ty_([0-9a-z]{26})_[A-Za-z0-9_-]{43}$/;
/** Compared with if there is no such key, so that the answer takes as long. */
const noDigest = Buffer.alloc(32);

export const digest = (secret: string): Buffer<ArrayBuffer> =>
  Buffer.from(createHash('sha256').update(secret).digest());

export class Keys {
  constructor(private readonly postgres: Postgres) {}

  /** The only time that the secret is returned; it is stored nowhere. */
  create(key: NewKey): Promise<CreatedKey> {
    return create(this.postgres, key);
  }

  /**
   * Creates a key if there is none yet. Of processes that start at the same time only one gets it; the others get
   * null.
   */
  createFirst(key: NewKey): Promise<CreatedKey | null> {
    return this.postgres.transaction(async (tx) => {
      await tx.execute(sql`LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE`);
      return (await tx.prisma.apiKey.count()) === 0 ? create(tx, key) : null;
    });
  }

  /**
   * The key with this secret; null if there is none, or if it was revoked.
   * @throws TrainyardError `unauthorized` for the right secret of a key that has expired.
   */
  async verify(secret: string): Promise<Caller | null> {
    const id = pattern.exec(secret)?.[1];
    const row = id === undefined ? null : await findActive(this.postgres, `key_${id}`);
    const matches = timingSafeEqual(digest(secret), row?.secretHash ?? noDigest);
    if (row === null || !matches) return null;
    if (row.expired) throw expired(row);
    return toCaller(row);
  }

  /** Oldest first, with revoked ones. @param project null: of every project. */
  async list(project: string | null): Promise<ApiKey[]> {
    const rows = await this.postgres.prisma.apiKey.findMany({
      where: project === null ? {} : { project },
      orderBy: [{ project: 'asc' }, { createdAt: 'asc' }, { id: 'asc' }],
    });
    return rows.map(toKey);
  }

  /**
   * No request is accepted with the key any more. To revoke it again changes nothing.
   *
   * @param project where to look for it; null: in every project.
   * @param caller id of the key that sent the request.
   * @throws NotFoundError; ConflictError if a key revokes itself: without an admin key, keys cannot be managed.
   */
  async revoke(id: string, project: string | null, caller: string): Promise<ApiKey> {
    const { apiKey } = this.postgres.prisma;
    const where = project === null ? { id } : { id, project };
    if ((await apiKey.count({ where })) === 0) throw new NotFoundError(`key ${id}`);
    if (id === caller) throw new ConflictError('a key cannot revoke itself; use another admin key');
    await apiKey.updateMany({ where: { ...where, revokedAt: null }, data: { revokedAt: new Date() } });
    return toKey(await apiKey.findUniqueOrThrow({ where: { id } }));
  }
}

async function create({ prisma }: Connection, key: NewKey): Promise<CreatedKey> {
  const { name, role, project, limits, expiresAt = null } = key;
  checkStorable({ name });
  const id = newId('key');
  const secret = `ty_${id.slice('key_'.length)}_${randomBytes(32).toString('base64url')}`;
  const expiry = expiresAt === null ? null : new Date(expiresAt);
  const data = { id, name, role, project, ...limits, expiresAt: expiry, secretHash: digest(secret) };
  return { ...toKey(await prisma.apiKey.create({ data })), secret };
}

/** Columns of a key that a caller has: see `callerColumns`. */
export const callerSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  project: z.string(),
  requestsPerMinute: z.int().nullable(),
  queuedJobs: z.int().nullable(),
  trainingSecondsPerDay: z.int().nullable(),
});

/** Of `api_keys`. */
export const callerColumns = sql`id, name, role::text, project, requests_per_minute AS "requestsPerMinute",
  queued_jobs AS "queuedJobs", training_seconds_per_day AS "trainingSecondsPerDay"`;

export const toCaller = (row: z.output<typeof callerSchema>): Caller => ({
  id: row.id,
  name: row.name,
  role: row.role,
  project: row.project,
  limits: toLimits(row),
});

const activeKeySchema = callerSchema.extend({
  secretHash: z.instanceof(Uint8Array),
  expiresAt: z.date().nullable(),
  /** By the clock of the database, which all API processes share. */
  expired: z.boolean(),
});

function expired({ expiresAt }: { expiresAt: Date | null }): TrainyardError {
  const when = expiresAt?.toISOString();
  return new TrainyardError('unauthorized', `this API key expired at ${when}; an admin can create another`);
}

/** A statement because every request runs it: less than half the time of Prisma's own query. */
async function findActive(postgres: Postgres, id: string): Promise<z.output<typeof activeKeySchema> | null> {
  const [row] = await postgres.query(
    activeKeySchema,
    sql`-- name: find_key
    SELECT ${callerColumns}, secret_hash AS "secretHash", expires_at AS "expiresAt",
      coalesce(expires_at <= now(), false) AS expired
    FROM api_keys WHERE id = ${id} AND revoked_at IS NULL`,
  );
  return row ?? null;
}

const toLimits = ({ requestsPerMinute, queuedJobs, trainingSecondsPerDay }: ApiKey['limits']): ApiKey['limits'] => ({
  requestsPerMinute,
  queuedJobs,
  trainingSecondsPerDay,
});

const toKey = (row: Prisma.ApiKeyModel): ApiKey => ({
  id: row.id,
  name: row.name,
  role: row.role,
  project: row.project,
  limits: toLimits(row),
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
});
