import { InvalidInputError } from '@trainyard/contracts';
import { asList, asMap, asText, construct, intoMap, knownName, type Pickled, setState } from './pickledValues.js';

/*
 * A reader for the pickles of CIFAR-10 and CIFAR-100, also when Python 3 wrote them again, and nothing else. A general
 * unpickler runs any code that the file refers to. This one reads only data: it knows the names in pickledValues.ts,
 * which describe texts and uint8 arrays, and refuses others.
 * Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py
 */

const mark = Symbol('mark');
/** A real batch has about 20,000; a hostile one must not fill the memory. */
const maxValues = 1_000_000;

/**
 * Strings of Python 2 are returned as their bytes, keys of dictionaries as text.
 * @param file for error messages
 * @throws InvalidInputError when the pickle is damaged or contains anything that a batch does not
 */
export function readPickle(bytes: Buffer, file: string): Pickled {
  try {
    return new PickleReader(bytes).read();
  } catch (error) {
    throw new InvalidInputError(`${file} is not a batch of CIFAR: ${(error as Error).message}`);
  }
}

class PickleReader {
  private at = 0;
  private values = 0;
  private readonly stack: (Pickled | typeof mark)[] = [];
  private readonly memo = new Map<number, Pickled>();

  constructor(private readonly bytes: Buffer) {}

  read(): Pickled {
    for (;;) {
      const opcode = String.fromCharCode(this.byte());
      if (opcode === '.') return this.pop();
      const step = this.opcodes.get(opcode);
      if (step === undefined) {
        throw new Error(
          `it has the pickle opcode ${JSON.stringify(opcode)} at byte ${this.at - 1}, which is not supported`,
        );
      }
      step();
    }
  }

  /** By opcode. pickletools calls them PROTO, MARK, EMPTY_DICT, and so on. */
  private readonly opcodes = new Map<string, () => void>([
    ['\x80', () => this.protocol(this.byte())],
    ['(', () => this.push(mark)],
    ['}', () => this.push(new Map())],
    [']', () => this.push([])],
    [')', () => this.push([])],
    ['d', () => this.push(intoMap(new Map(), this.popToMark()))],
    ['l', () => this.push(this.popToMark())],
    ['t', () => this.push(this.popToMark())],
    ['\x85', () => this.push(this.popMany(1))],
    ['\x86', () => this.push(this.popMany(2))],
    ['\x87', () => this.push(this.popMany(3))],
    ['q', () => this.store(this.byte())],
    ['r', () => this.store(this.uint32())],
    ['h', () => this.push(this.recall(this.byte()))],
    ['j', () => this.push(this.recall(this.uint32()))],
    ['K', () => this.push(this.byte())],
    ['M', () => this.push(this.take(2).readUInt16LE())],
    ['J', () => this.push(this.take(4).readInt32LE())],
    ['N', () => this.push(null)],
    ['\x88', () => this.push(true)],
    ['\x89', () => this.push(false)],
    ['U', () => this.push(this.take(this.byte()))],
    ['C', () => this.push(this.take(this.byte()))],
    ['T', () => this.push(this.take(this.uint32()))],
    ['B', () => this.push(this.take(this.uint32()))],
    ['X', () => this.push(this.take(this.uint32()))],
    ['\x8c', () => this.push(this.take(this.byte()))],
    ['\x8d', () => this.push(this.take(this.uint64()))],
    ['\x8e', () => this.push(this.take(this.uint64()))],
    ['\x96', () => this.push(this.take(this.uint64()))],
    // The length of a frame: its content follows as if there were none.
    ['\x95', () => void this.take(8)],
    ['\x94', () => this.store(this.memo.size)],
    ['\x8a', () => this.push(this.long())],
    ['a', () => this.append([this.pop()])],
    ['e', () => this.append(this.popToMark())],
    ['s', () => this.setItems(this.popMany(2))],
    ['u', () => this.setItems(this.popToMark())],
    ['c', () => this.push(knownName(`${this.line()} ${this.line()}`))],
    ['\x93', () => this.push(knownName(this.popMany(2).map(asText).join(' ')))],
    ['R', () => this.reduce()],
    ['b', () => this.build()],
  ]);

  private protocol(version: number): void {
    if (version > 5) throw new Error(`it has pickle protocol ${version}; protocols up to 5 are supported`);
  }

  private append(items: Pickled[]): void {
    const list = asList(this.top());
    for (const item of items) list.push(item);
  }

  private setItems(items: Pickled[]): void {
    intoMap(asMap(this.top()), items);
  }

  private reduce(): void {
    const args = asList(this.pop());
    this.push(construct(this.pop(), args));
  }

  private build(): void {
    const state = asList(this.pop());
    setState(this.top(), state);
  }

  private byte(): number {
    return this.take(1).readUInt8();
  }

  private uint32(): number {
    return this.take(4).readUInt32LE();
  }

  private uint64(): number {
    const value = this.take(8).readBigUInt64LE();
    if (value > BigInt(this.bytes.length)) throw new Error('it ends too early');
    return Number(value);
  }

  /** LONG1: a little-endian integer of a given number of bytes. */
  private long(): number {
    const length = this.byte();
    if (length > 6) throw new Error('it has a number that is too large');
    return length === 0 ? 0 : this.take(length).readIntLE(0, length);
  }

  private take(count: number): Buffer {
    if (this.at + count > this.bytes.length) throw new Error('it ends too early');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0 || end - this.at > 100) throw new Error('it ends too early');
    const text = this.take(end - this.at).toString('latin1');
    this.at++;
    return text;
  }

  private push(value: Pickled | typeof mark): void {
    if (++this.values > maxValues) throw new Error(`it has more than ${maxValues} values`);
    this.stack.push(value);
  }

  private pop(): Pickled {
    const value = this.stack.pop();
    if (value === undefined || value === mark) throw new Error('its stack is empty');
    return value;
  }

  private top(): Pickled {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  private popMany(count: number): Pickled[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  private popToMark(): Pickled[] {
    const start = this.stack.lastIndexOf(mark);
    if (start < 0) throw new Error('a mark is missing');
    return this.stack.splice(start).slice(1) as Pickled[];
  }

  private store(slot: number): void {
    if (this.memo.size >= maxValues) throw new Error(`it has more than ${maxValues} values`);
    this.memo.set(slot, this.top());
  }

  private recall(slot: number): Pickled {
    const value = this.memo.get(slot);
    if (value === undefined) throw new Error(`it recalls slot ${slot}, which was never stored`);
    return value;
  }
}
