import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Connection, Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';
import { type Caller, callerColumns, callerSchema, digest, toCaller } from './keys.js';

/** A session ends when it was not used for so long, and at the latest at the end of its days. */
const idleHours = 12;
const lastingDays = 7;
const codeMinutes = 10;

/** What a browser keeps in its cookie. */
export interface OpenedSession {
  token: string;
  caller: Caller;
  /** Seconds after which the session ends, however much it is used. */
  seconds: number;
}

/** 256 random bits: what is stored of them is their SHA-256, from which they cannot be found. */
const newSecret = (): string => randomBytes(32).toString('base64url');

const valid = sql`used_at > now() - make_interval(hours => ${idleHours}::int)
  AND created_at > now() - make_interval(days => ${lastingDays}::int)`;

/** Of `api_keys`. */
const accepted = sql`revoked_at IS NULL AND coalesce(expires_at > now(), true)`;

/**
 * Sessions of browsers. A session has the rights of its key at every moment, and ends with it, when it is ended, and
 * with time. A code opens one session, so that a link can sign in without the key in it.
 */
export class Sessions {
  constructor(private readonly postgres: Postgres) {}

  /** The only time that the code is returned; it is stored nowhere. */
  async createCode(keyId: string): Promise<{ code: string; expiresAt: string }> {
    const code = newSecret();
    await this.postgres.execute(sql`DELETE FROM sign_in_codes WHERE expires_at < now()`);
    const [row] = await this.postgres.query(
      z.object({ expiresAt: z.date() }),
      sql`INSERT INTO sign_in_codes (code_hash, key_id, expires_at)
        VALUES (${digest(code)}, ${keyId}, now() + make_interval(mins => ${codeMinutes}::int))
        RETURNING expires_at AS "expiresAt"`,
    );
    if (!row) throw new Error('the code was not stored');
    return { code, expiresAt: row.expiresAt.toISOString() };
  }

  /** Opens the session of a code, which opens none after it. Null: there is no such code, or its key is refused. */
  exchange(code: string): Promise<OpenedSession | null> {
    return this.postgres.transaction(async (tx) => {
      const [used] = await tx.query(
        z.object({ keyId: z.string() }),
        sql`DELETE FROM sign_in_codes WHERE code_hash = ${digest(code)} AND expires_at > now()
          RETURNING key_id AS "keyId"`,
      );
      return used ? open(tx, used.keyId) : null;
    });
  }

  /** Opens a session with the rights of a key. Null: it was revoked, or has expired. */
  open(keyId: string): Promise<OpenedSession | null> {
    return open(this.postgres, keyId);
  }

  /** The key of the session with this token; null if there is none. Notes that it was used. */
  async verify(token: string): Promise<Caller | null> {
    const [row] = await this.postgres.query(
      callerSchema,
      sql`-- name: find_session
      WITH used AS (
        UPDATE sessions SET used_at = now()
        WHERE token_hash = ${digest(token)} AND used_at < now() - interval '1 minute' AND ${valid}
      )
      SELECT ${callerColumns} FROM api_keys
      WHERE ${accepted} AND id = (SELECT key_id FROM sessions WHERE token_hash = ${digest(token)} AND ${valid})`,
    );
    return row ? toCaller(row) : null;
  }

  /** Ends a session; one that has ended changes nothing. */
  async end(token: string): Promise<void> {
    await this.postgres.execute(sql`DELETE FROM sessions WHERE token_hash = ${digest(token)}`);
  }
}

async function open(connection: Connection, keyId: string): Promise<OpenedSession | null> {
  await connection.execute(sql`DELETE FROM sessions WHERE NOT (${valid})`);
  const token = newSecret();
  const [row] = await connection.query(
    callerSchema,
    sql`WITH key AS (SELECT * FROM api_keys WHERE id = ${keyId} AND ${accepted}),
      opened AS (INSERT INTO sessions (token_hash, key_id) SELECT ${digest(token)}, id FROM key)
      SELECT ${callerColumns} FROM key`,
  );
  return row ? { token, caller: toCaller(row), seconds: lastingDays * 24 * 60 * 60 } : null;
}
