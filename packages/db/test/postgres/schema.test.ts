import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect, test } from 'vitest';
import { useDatabase } from '../fixtures.js';

const suite = useDatabase();

/** Columns of each table according to the models in schema.prisma. */
async function modelColumns(): Promise<Record<string, string[]>> {
  const schema = await readFile(fileURLToPath(new URL('../../../../prisma/schema.prisma', import.meta.url)), 'utf8');
  const models = [...schema.matchAll(/^model (\w+) \{(.*?)^\}/gms)].map(([, , body = '']) => body);
  const names = new Set([...schema.matchAll(/^model (\w+)/gm)].map(([, name]) => name));
  const columnsOf = (body: string) =>
    [...body.matchAll(/^ {2}(\w+) +(\w+)[?[\]]*(.*)$/gm)]
      .filter(([, , type]) => !names.has(type))
      .map(([, field = '', , rest = '']) => /@map\("(\w+)"\)/.exec(rest)?.[1] ?? field);
  return Object.fromEntries(
    models.map((body) => [/@@map\("(\w+)"\)/.exec(body)?.[1] ?? '', columnsOf(body).toSorted()]),
  );
}

test('the migrations create the tables and columns of the models, and no others', async () => {
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  const { rows } = await client.query<{ table: string; columns: string[] }>(
    `SELECT table_name AS table, array_agg(column_name::text ORDER BY column_name COLLATE "C") AS columns
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
     GROUP BY table_name`,
  );
  await client.end();
  const inDatabase = Object.fromEntries(rows.map(({ table, columns }) => [table, columns]));
  expect(inDatabase).toEqual(await modelColumns());
});
