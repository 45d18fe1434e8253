import { createLogger, createRegistry } from '@trainyard/process/telemetry';
import { describe, expect, it } from 'vitest';

describe('a logger', () => {
  it('writes JSON lines with its fields, from its level on, and without keys', () => {
    const lines: string[] = [];
    const logger = createLogger('info', { process: 'api', pid: 7 }, { write: (line) => lines.push(line) });
    logger.debug('too detailed');
    logger.info({ req: { headers: { authorization: 'Bearer secret', accept: '*/*' } } }, 'a request');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { process: 'api', pid: 7, msg: 'a request', req: { headers: { authorization: '[Redacted]', accept: '*/*' } } },
    ]);
  });

  it('writes no password: neither that of a URL, nor the parameters of a Redis command', () => {
    const lines: string[] = [];
    const logger = createLogger('info', { process: 'api' }, { write: (line) => lines.push(line) });
    const refused = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['me', 'hidden'] } });
    const url = new Error('connect postgresql://me:hidden@host:1/db', { cause: refused });
    logger.warn({ err: refused }, 'refused');
    logger.warn({ err: Object.assign(url, { previous: refused, input: 'redis://:hid@den@host' }) }, 'refused');
    logger.warn({ err: new AggregateError([refused], 'all') }, 'rediss+sentinel://a,b/m?db=1&sentinelPassword=hidden');
    logger.child({}).warn(url);
    expect(lines).toHaveLength(4);
    expect(lines.join('')).toContain('postgresql://me:***@host:1/db');
    expect(lines.join('')).toContain('"command":{"name":"auth"}');
    expect(lines.join('')).not.toMatch(/hidden|hid@/);
  });
});

describe('a registry', () => {
  it('has the metrics of the process, and shares them with no other registry', async () => {
    expect(await createRegistry().metrics()).toContain('nodejs_eventloop_lag_seconds');
    expect(await createRegistry().metrics()).toContain('process_cpu_seconds_total');
  });
});
