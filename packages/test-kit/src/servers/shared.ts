import { inject } from 'vitest';
import type {} from '../globalSetup.js';

async function request(server: 'postgres' | 'redis'): Promise<{ url: string; ordinal: number }> {
  const answer = await fetch(`${inject('testServers')}/${server}`);
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as { url: string; ordinal: number };
}

/** URL of the maintenance database in the Postgres server that all tests of a run share. */
export const postgresUrl = async (): Promise<string> => (await request('postgres')).url;

/**
 * URL of a database in the shared Redis server; each call returns another one. FLUSHDB is fine there, FLUSHALL is not:
 * a suite that needs the whole server, or stops it, starts its own with `startRedis`.
 */
export async function redisUrl(): Promise<string> {
  const { url, ordinal } = await request('redis');
  return `${url}/${ordinal % 1024}`;
}
