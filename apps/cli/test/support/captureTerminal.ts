import { Readable } from 'node:stream';
import { StreamTerminal } from '../../src/terminal.js';

export interface CaptureOptions {
  isTTY?: boolean;
  columns?: number;
  colours?: boolean;
  input?: string | Uint8Array;
}

/** A terminal whose output a test reads. */
export function captureTerminal({ isTTY = false, columns = 80, colours = false, input = '' }: CaptureOptions = {}) {
  const written = { out: '', error: '' };
  const stream = (key: 'out' | 'error') => ({
    isTTY,
    columns,
    hasColors: () => colours,
    write(chunk: string | Uint8Array, done?: unknown): boolean {
      written[key] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1');
      if (typeof done === 'function') done();
      return true;
    },
  });
  const terminal = new StreamTerminal(
    stream('out') as never,
    stream('error') as never,
    Readable.from(input ? [Buffer.from(input as Uint8Array)] : []),
  );
  return { terminal, written };
}
