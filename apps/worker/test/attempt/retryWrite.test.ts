import { StaleAttemptError } from '@trainyard/db';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { retryWrite } from '../../src/attempt/retryWrite.js';

const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** A logger that collects its messages. */
function logger() {
  const messages: string[] = [];
  return { messages, log: pino({}, { write: (line) => messages.push(JSON.parse(line).msg) }) };
}

describe('a write to the database', () => {
  it('is retried while the database is unavailable, which is logged once', async () => {
    const { messages, log } = logger();
    let tries = 0;
    const write = async () => {
      tries += 1;
      if (tries < 3) throw refused();
      return 'written';
    };
    expect(await retryWrite(log, write)).toBe('written');
    expect(messages).toEqual(['database write failed; retrying']);
  });

  it('is not retried when another attempt owns the job', async () => {
    const { messages, log } = logger();
    const write = async () => {
      throw new StaleAttemptError();
    };
    await expect(retryWrite(log, write)).rejects.toThrow(StaleAttemptError);
    expect(messages).toEqual([]);
  });

  it.each([
    ['a constraint violation', '23503'],
    ['a missing table', '42P01'],
  ])('is not retried after %s, which another try would only repeat', async (_, code) => {
    const { messages, log } = logger();
    const write = async () => {
      throw Object.assign(new Error('refused'), { code });
    };
    await expect(retryWrite(log, write)).rejects.toThrow('refused');
    expect(messages).toEqual([]);
  });

  it('fails with its error when the time for retries is over', async () => {
    const { log } = logger();
    const write = async () => {
      throw refused();
    };
    await expect(retryWrite(log, write, 0.1)).rejects.toThrow('ECONNREFUSED');
  });
});
