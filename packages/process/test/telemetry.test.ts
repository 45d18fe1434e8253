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
});

describe('a registry', () => {
  it('has the metrics of the process, and shares them with no other registry', async () => {
    expect(await createRegistry().metrics()).toContain('nodejs_eventloop_lag_seconds');
    expect(await createRegistry().metrics()).toContain('process_cpu_seconds_total');
  });
});
