import { damaged, type Raster, refuseHuge } from './raster.js';

/**
 * Portable bitmaps, graymaps and pixmaps (netpbm), as text or binary. Values are scaled from their largest to 255; of
 * two bytes a value, 65535 as the largest, the upper one is taken.
 * @throws ImageFault
 */
export function readPnm(bytes: Uint8Array, most: number): Raster {
  const reader = new PnmReader(bytes);
  const { kind, width, height, largest } = reader;
  refuseHuge(width, height, most);
  const channels = kind % 3 === 0 ? 3 : 1;
  const count = width * height * channels;
  const data = new Uint8Array(count);
  if (kind === 4) readBits(reader.binary(Math.ceil(width / 8) * height), width, data);
  else if (kind === 1) for (let i = 0; i < count; i++) data[i] = reader.digit() === 0 ? 255 : 0;
  else if (kind < 4) for (let i = 0; i < count; i++) data[i] = scaled(reader.number(), largest);
  else readBinary(reader.binary(count * (largest > 255 ? 2 : 1)), largest, data);
  return { width, height, channels, data };
}

/** `[height, width]` @throws ImageFault */
export function pnmSize(bytes: Uint8Array): [height: number, width: number] {
  const { height, width } = new PnmReader(bytes);
  return [height, width];
}

function readBits(bits: Uint8Array, width: number, data: Uint8Array): void {
  const rowBytes = Math.ceil(width / 8);
  for (let i = 0; i < data.length; i++) {
    const x = i % width;
    const byte = bits[Math.floor(i / width) * rowBytes + (x >> 3)] as number;
    data[i] = (byte >> (7 - (x & 7))) & 1 ? 0 : 255;
  }
}

function readBinary(bytes: Uint8Array, largest: number, data: Uint8Array): void {
  for (let i = 0; i < data.length; i++) {
    const value = largest > 255 ? (bytes[2 * i] as number) * 256 + (bytes[2 * i + 1] as number) : (bytes[i] as number);
    data[i] = scaled(value, largest);
  }
}

function scaled(value: number, largest: number): number {
  if (largest === 255) return value;
  return largest === 65535 ? value >> 8 : Math.min(255, Math.round((value * 255) / largest));
}

/** Walks through a file whose parts are separated by white space and comments. */
class PnmReader {
  readonly kind: number;
  readonly width: number;
  readonly height: number;
  readonly largest: number;
  private at = 2;

  constructor(private readonly bytes: Uint8Array) {
    this.kind = (bytes[1] as number) - 48;
    this.width = this.number();
    this.height = this.number();
    this.largest = this.kind % 3 === 1 ? 1 : this.number();
    if (this.width === 0 || this.height === 0) throw damaged('it has no pixels');
    if (this.largest === 0 || this.largest > 65535) throw damaged(`its largest value is ${this.largest}`);
  }

  /** The next number in decimal digits. */
  number(): number {
    this.skipBlanks();
    let value = 0;
    const start = this.at;
    for (; isDigit(this.bytes[this.at]); this.at++) value = value * 10 + (this.bytes[this.at] as number) - 48;
    if (this.at === start) throw damaged(this.at < this.bytes.length ? 'a number is missing' : 'it is cut off');
    return value;
  }

  /** The next digit; the digits of a bitmap need no blanks between them. */
  digit(): number {
    this.skipBlanks();
    const byte = this.bytes[this.at++];
    if (!isDigit(byte)) throw damaged('it is cut off');
    return (byte as number) - 48;
  }

  /** What follows the one blank after the header. */
  binary(count: number): Uint8Array {
    const start = this.at + 1;
    if (start + count > this.bytes.length) throw damaged('it is cut off');
    return this.bytes.subarray(start, start + count);
  }

  private skipBlanks(): void {
    for (;;) {
      const byte = this.bytes[this.at];
      if (byte === 35) while (this.at < this.bytes.length && this.bytes[this.at] !== 10) this.at++;
      else if (byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13)) this.at++;
      else return;
    }
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57;
