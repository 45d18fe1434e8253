declare module 'seek-bzip' {
  interface ByteSource {
    readByte(): number;
    read(buffer: Uint8Array, offset: number, length: number): number;
    eof?(): boolean;
  }
  interface ByteSink {
    writeByte(byte: number): void;
  }
  export default class Bunzip {
    static decode(input: Uint8Array, outputBytes?: number): Buffer;
    constructor(input: ByteSource, output: ByteSink);
    reader: { read(bits: number): number };
    streamCRC: number;
    _init_block(): boolean;
    _read_bunzip(): number;
    _start_bunzip(input: ByteSource, output: ByteSink): void;
  }
}
