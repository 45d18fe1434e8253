import { Readable } from 'node:stream';
import type { ExportFormat } from '@trainyard/contracts';
import type { Table } from '@trainyard/db';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { csvMediaType, csvOf } from '#http/csv.js';
import { endOf } from '#http/endOf.js';
import { ndjsonMediaType, ndjsonOf } from '#http/ndjson.js';
import { parquetMediaType, parquetOf } from '#http/parquet.js';

type Chunk = string | Uint8Array;
type Encode = (table: Table) => AsyncGenerator<Chunk>;

const formats: Record<ExportFormat, { mediaType: string; encode: Encode }> = {
  csv: { mediaType: csvMediaType, encode: csvOf },
  ndjson: { mediaType: ndjsonMediaType, encode: ndjsonOf },
  parquet: { mediaType: parquetMediaType, encode: parquetOf },
};

/** For the OpenAPI document. */
export const fileContents = {
  'text/csv': { schema: z.string() },
  [ndjsonMediaType]: { schema: z.string() },
  [parquetMediaType]: { schema: z.string() },
};

/**
 * Sends a table as a file while it is read. An error before the first byte is thrown; after it, the connection is
 * broken, so that no client takes what it has got for the whole.
 *
 * @param read ends when the signal aborts, because the client is gone
 */
export async function sendTable(
  reply: FastifyReply,
  { name, format }: { name: string; format: ExportFormat },
  read: (encode: Encode, signal: AbortSignal) => AsyncGenerator<Chunk>,
): Promise<FastifyReply> {
  const { mediaType, encode } = formats[format];
  const chunks = read(encode, endOf(reply));
  const first = await chunks.next().catch((error: unknown) => {
    if (reply.raw.destroyed) return null;
    throw error;
  });
  if (first === null) return reply.hijack();
  reply.header('content-disposition', `attachment; filename="${name}.${format}"`);
  return reply.type(mediaType).send(Readable.from(from(first, chunks)));
}

async function* from<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
