import type { RedisQueueBackend } from 'bullmq';
import type { EntryQueue } from './backend.js';

/** What of a Redis server's settings lets it lose entries: told at start, since nothing else will tell. */
export async function redisWarnings(queue: EntryQueue): Promise<string[]> {
  const client = await (queue.getBackend() as RedisQueueBackend).client;
  const settings = new Map(
    (await client.info()).split(/\r?\n/).map((line: string): [string, string] => {
      const [key = '', value = ''] = line.split(':', 2);
      return [key, value];
    }),
  );
  const warnings: string[] = [];
  const policy = settings.get('maxmemory_policy');
  if (policy !== 'noeviction') {
    warnings.push(`Redis evicts keys when its memory is full (maxmemory-policy ${policy}): set it to noeviction`);
  }
  if (settings.get('aof_enabled') !== '1') {
    warnings.push('Redis does not append to disk, so a restart empties the queue for a moment: set appendonly yes');
  }
  return warnings;
}
