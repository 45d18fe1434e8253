import type { RedisAddress } from './address.js';
import type { RedisInfo } from './startCheck.js';

/** Settings with which the queue works, but not as safely as it could; they are logged at start. */
export function redisWarnings(info: RedisInfo, { options }: RedisAddress): string[] {
  const warnings: string[] = [];
  if (options.tls?.rejectUnauthorized === false) {
    warnings.push('REDIS_URL accepts any certificate (rejectUnauthorized=false): prefer ?ca=/path/to/ca.pem');
  }
  if (info === null) {
    return [...warnings, 'Redis does not let this user run INFO, so that its settings are not checked'];
  }
  const policy = info.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    warnings.push(`Redis evicts keys when its memory is full (maxmemory-policy ${policy}): set it to noeviction`);
  }
  if (info.get('aof_enabled') === '0') {
    warnings.push('Redis does not append to disk, so a restart empties the queue for a moment: set appendonly yes');
  }
  return warnings;
}
