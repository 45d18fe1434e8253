import type { AuditEntry, AuditQuery, Page } from '@trainyard/contracts';
import { checkStorable } from '../postgres/checkStorable.js';
import { decodeCursor, toPage } from '../postgres/page.js';
import type { Postgres } from '../postgres/postgres.js';
import { json, sql } from '../postgres/sql.js';

/** What keys did: every request that changed something or was forbidden, and every download. */
export class Audit {
  constructor(private readonly postgres: Postgres) {}

  async add(entries: AuditEntry[]): Promise<void> {
    await this.postgres.execute(sql`
      INSERT INTO audit_entries (at, request_id, key_id, project, action, object, status)
      SELECT at, "requestId", "keyId", project, action, object, status
      FROM jsonb_to_recordset(${json(entries)}) AS given(
        at timestamptz, "requestId" text, "keyId" text, project text, action text, object text, status int)`);
  }

  /** Newest first. @param project null: of every project. */
  async list(project: string | null, query: AuditQuery): Promise<Page<AuditEntry>> {
    checkStorable(query);
    const { keyId, object, cursor, limit } = query;
    const before = cursor === undefined ? {} : { id: { lt: toId(decodeCursor('audit', cursor).value) } };
    const rows = await this.postgres.prisma.auditEntry.findMany({
      where: {
        ...(project === null ? {} : { project }),
        ...(keyId === undefined ? {} : { keyId }),
        ...(object === undefined ? {} : { object }),
        ...before,
      },
      orderBy: { id: 'desc' },
      take: limit + 1,
    });
    const page = toPage(rows, limit, 'audit', ({ id }) => ({ value: Number(id), id: String(id) }));
    const data = page.data.map(({ id: _id, at, ...entry }) => ({ at: at.toISOString(), ...entry }));
    return { data, nextCursor: page.nextCursor };
  }

  /** Deletes entries that are older. */
  async prune(days: number): Promise<void> {
    await this.postgres.execute(sql`
      DELETE FROM audit_entries WHERE at < now() - make_interval(days => ${days}::int)`);
  }
}

/** The nearest possible id to the number in a cursor, which a client may have made up. */
const toId = (value: Date | number): bigint => {
  const number = Number(value);
  return BigInt(Math.trunc(Math.min(Math.max(Number.isNaN(number) ? 0 : number, 0), Number.MAX_SAFE_INTEGER)));
};
