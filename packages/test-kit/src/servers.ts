import { inject } from 'vitest';
import type {} from './globalSetup.js';

async function ask(server: 'postgres' | 'redis'): Promise<{ url: string; ordinal: number }> {
  const answer = await fetch(`${inject('testServers')}/${server}`);
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as { url: string; ordinal: number };
}

/** Maintenance database of the run's Postgres. */
export const postgresUrl = async (): Promise<string> => (await ask('postgres')).url;

/**
 * A database of the run's Redis that no other caller gets. Do not FLUSHALL it (FLUSHDB is fine): a suite that needs the
 * whole server, or to stop it, starts its own by `startRedis`.
 */
export async function redisUrl(): Promise<string> {
  const { url, ordinal } = await ask('redis');
  return `${url}/${ordinal % 1024}`;
}
