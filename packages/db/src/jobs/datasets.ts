import type { Dataset } from '@trainyard/contracts';
import type { Client } from '../postgres/client.js';
import { toDataset } from './rows.js';

async function upsert(client: Client, dataset: Dataset): Promise<void> {
  const { name, version, ...rest } = dataset;
  const data = { ...rest, importedAt: new Date(dataset.importedAt) };
  const where = { name_version: { name, version } };
  await client.dataset.upsert({ where, create: { name, version, ...data }, update: data });
}

/** By name, newest version first. */
async function list(client: Client): Promise<Dataset[]> {
  return (await client.dataset.findMany({ orderBy: [{ name: 'asc' }, { version: 'desc' }] })).map(toDataset);
}

/** @param version null: the newest. */
async function find(client: Client, name: string, version: number | null): Promise<Dataset | null> {
  const where = version === null ? { name } : { name, version };
  const row = await client.dataset.findFirst({ where, orderBy: { version: 'desc' } });
  return row && toDataset(row);
}

export const datasets = (client: Client) => ({
  upsert: (dataset: Dataset) => upsert(client, dataset),
  list: () => list(client),
  find: (name: string, version: number | null) => find(client, name, version),
});
