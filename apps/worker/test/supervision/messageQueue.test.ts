import { describe, expect, it } from 'vitest';
import { MessageQueue } from '../../src/supervision/messageQueue.js';

async function read<T>(queue: MessageQueue<T>): Promise<{ got: T[]; error: unknown }> {
  const got: T[] = [];
  try {
    for await (const value of queue) got.push(value);
    return { got, error: null };
  } catch (error) {
    return { got, error };
  }
}

describe('the messages of a trainer', () => {
  it('come in order, also those that were sent before the reader began', async () => {
    const queue = new MessageQueue<number>();
    queue.push(1);
    const reading = read(queue);
    queue.push(2);
    await new Promise(setImmediate);
    queue.push(3);
    queue.end();
    expect(await reading).toEqual({ got: [1, 2, 3], error: null });
  });

  it('all come before the error that ends them', async () => {
    const queue = new MessageQueue<number>();
    const error = new Error('crashed');
    queue.push(1);
    queue.push(2);
    queue.fail(error);
    expect(await read(queue)).toEqual({ got: [1, 2], error });
  });

  it('wait for a slow reader', async () => {
    const queue = new MessageQueue<number>();
    const seen: string[] = [];
    queue.push(1);
    queue.push(2);
    queue.end();
    for await (const value of queue) {
      seen.push(`begin ${value}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen.push(`end ${value}`);
    }
    expect(seen).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });
});
