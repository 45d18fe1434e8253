import type { FileBytes } from '../tables/fileBytes.js';

/** A message of an Arrow IPC stream: its place in the file, with its body. */
export interface Message {
  kind: 'schema' | 'dictionary' | 'batch';
  start: number;
  end: number;
}

const continuation = 0xffffffff;
const kinds: Record<number, Message['kind']> = { 1: 'schema', 2: 'dictionary', 3: 'batch' };

/**
 * The messages of a stream, or of a file that has a stream between two signatures (Arrow's columnar format, "IPC").
 * @throws Error when a message goes beyond the end of the file
 */
export async function* messagesOf(bytes: FileBytes): AsyncGenerator<Message> {
  const signature = Buffer.from(await bytes.slice(0, Math.min(6, bytes.length))).toString('latin1');
  for (let at = signature === 'ARROW1' ? 8 : 0; at + 8 <= bytes.length; ) {
    const view = new DataView((await bytes.slice(at, at + 8)).buffer);
    // Before version 0.15 a message began with its length.
    const isNew = view.getUint32(0, true) === continuation;
    const length = view.getUint32(isNew ? 4 : 0, true);
    if (length === 0) return;
    const start = at + (isNew ? 8 : 4);
    const { type, bodyBytes } = headerOf(new DataView((await bytes.slice(start, start + length)).buffer));
    const end = start + length + bodyBytes;
    if (!(bodyBytes >= 0 && end <= bytes.length)) throw new Error('it ends too early');
    const kind = kinds[type];
    if (kind !== undefined) yield { kind, start: at, end };
    at = end;
  }
}

/** Of the FlatBuffers table `Message`: its second field is the type of its content, its fourth the size of the body. */
function headerOf(view: DataView): { type: number; bodyBytes: number } {
  const table = view.getUint32(0, true);
  const fields = table - view.getInt32(table, true);
  const size = view.getUint16(fields, true);
  const placeOf = (field: number) => (4 + 2 * field < size ? view.getUint16(fields + 4 + 2 * field, true) : 0);
  const [type, body] = [placeOf(1), placeOf(3)];
  return {
    type: type === 0 ? 0 : view.getUint8(table + type),
    bodyBytes: body === 0 ? 0 : Number(view.getBigInt64(table + body, true)),
  };
}
