import type { RedisQueueBackend } from 'bullmq';
import type { EntryQueue } from './backend.js';

/** Settings of a Redis server with which it may lose entries without any error; they are logged at start. */
export async function redisWarnings(queue: EntryQueue): Promise<string[]> {
  // Called for a queue on Redis only.
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
