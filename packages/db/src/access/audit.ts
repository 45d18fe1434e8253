import type { AuditEntry, AuditQuery, Page } from '@trainyard/contracts';
import { toAuditEntry } from '../jobs/rows.js';
import { type Client, json } from '../postgres/client.js';
import { decodeCursor, toPage } from '../postgres/page.js';
import { checkStorable } from '../postgres/storable.js';

async function add(client: Client, entries: AuditEntry[]): Promise<void> {
  await client.$executeRaw`
    INSERT INTO audit_entries (at, request_id, key_id, project, action, object, status)
    SELECT at, "requestId", "keyId", project, action, object, status FROM jsonb_to_recordset(${json(entries)}) AS given(
      at timestamptz, "requestId" text, "keyId" text, project text, action text, object text, status int)`;
}

/** Newest first. @param project null: of every project. */
async function list(client: Client, project: string | null, query: AuditQuery): Promise<Page<AuditEntry>> {
  checkStorable(query);
  const { keyId, object, cursor, limit } = query;
  const before = cursor === undefined ? {} : { id: { lt: toId(decodeCursor('audit', cursor).value) } };
  const rows = await client.auditEntry.findMany({
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
  return { data: page.data.map(toAuditEntry), nextCursor: page.nextCursor };
}

/** Any number that a cursor holds, as an id that there may be. */
const toId = (value: Date | number): bigint => {
  const number = Number(value);
  return BigInt(Math.trunc(Math.min(Math.max(Number.isNaN(number) ? 0 : number, 0), Number.MAX_SAFE_INTEGER)));
};

/** Forgets entries that are older. */
async function prune(client: Client, days: number): Promise<void> {
  await client.$executeRaw`DELETE FROM audit_entries WHERE at < now() - make_interval(days => ${days}::int)`;
}

export const audit = (client: Client) => ({
  add: (entries: AuditEntry[]) => add(client, entries),
  list: (project: string | null, query: AuditQuery) => list(client, project, query),
  prune: (days: number) => prune(client, days),
});
