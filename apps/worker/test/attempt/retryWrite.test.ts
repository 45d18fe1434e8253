import { StaleAttemptError } from '@trainyard/db';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { retryWrite } from '../../src/attempt/retryWrite.js';

/** A logger that collects its messages. */
function logger() {
  const messages: string[] = [];
  return { messages, log: pino({}, { write: (line) => messages.push(JSON.parse(line).msg) }) };
}

describe('a write to the database', () => {
  it('is retried after an error, which is logged', async () => {
    const { messages, log } = logger();
    let tries = 0;
    const write = async () => {
      tries += 1;
      if (tries === 1) throw new Error('connection refused');
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

  it('fails with its error when the time for retries is over', async () => {
    const { log } = logger();
    const write = async () => {
      throw new Error('connection refused');
    };
    await expect(retryWrite(log, write, 0.1)).rejects.toThrow('connection refused');
  });
});
