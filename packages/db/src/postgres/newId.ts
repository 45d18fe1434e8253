import { randomFillSync } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A TypeID (github.com/jetify-com/typeid): `<prefix>_` and 26 characters, which are a UUIDv7 (RFC 9562: 48 bits of
 * milliseconds, then random bits) in Crockford's base 32. Ids sort by the time of their creation.
 *
 * @param now milliseconds since 1970.
 */
export function newId(prefix: 'job' | 'key' | 'wrk' | 'imp' | 'upl' | 'whk' | 'prd' | 'run', now = Date.now()): string {
  const bytes = new Uint8Array(16);
  randomFillSync(bytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(now / 2 ** 16));
  view.setUint16(4, now % 2 ** 16);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x70);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  let rest = (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = alphabet[Number(rest & 31n)] + text;
    rest >>= 5n;
  }
  return `${prefix}_${text}`;
}
