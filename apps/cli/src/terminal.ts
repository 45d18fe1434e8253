import { stripVTControlCharacters, styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/**
 * Where the command line writes: plain lines when piped, and on a TTY colours and a status that is drawn over.
 */
export interface Terminal {
  /** Whether a person watches standard output. */
  readonly isTTY: boolean;
  /** Columns of standard output; 80 where it has none. */
  readonly columns: number;
  /** Lines of the window of standard output; 24 where it has none. */
  readonly rows: number;
  /** A line on standard output. */
  print(line?: string): void;
  /** A line on standard error. */
  warn(line: string): void;
  /**
   * Draws the status below all that was printed, or with '' takes it away; nothing when piped. It may have several
   * lines, fewer than `rows`: what has left the window cannot be drawn over.
   */
  status(text: string): void;
  /** The text in a style, or as it is where there are no colours. */
  paint(style: Style, text: string): string;
  /** Raw bytes on standard output. */
  write(bytes: Uint8Array): Promise<void>;
  /** All of standard input. */
  readInput(): Promise<Uint8Array>;
}

type Output = Pick<NodeJS.WriteStream, 'write'> &
  Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows' | 'hasColors'>>;

/** Goes to the start of a text that was just written, and clears it. */
function clearing(text: string): string {
  const above = text.split('\n').length - 1;
  return above === 0 ? '\r\u001b[2K' : `\r\u001b[${above}A\u001b[J`;
}

export class StreamTerminal implements Terminal {
  private shown = '';

  constructor(
    private readonly out: Output,
    private readonly error: Output,
    private readonly input: AsyncIterable<Uint8Array | string>,
  ) {}

  get isTTY(): boolean {
    return this.out.isTTY === true;
  }

  get columns(): number {
    return this.isTTY ? Math.max(this.out.columns ?? 80, 40) : 80;
  }

  get rows(): number {
    return this.out.rows ?? 24;
  }

  print(line = ''): void {
    this.aroundStatus(() => this.out.write(`${line}\n`));
  }

  warn(line: string): void {
    this.aroundStatus(() => this.error.write(`${line}\n`));
  }

  status(text: string): void {
    if (!this.isTTY || text === this.shown) return;
    const clear = clearing(this.shown);
    const cut = (line: string) => line.slice(0, this.columns - 1);
    this.shown = text.split('\n').map(cut).join('\n');
    this.out.write(clear + this.shown);
  }

  paint(style: Style, text: string): string {
    // hasColors knows NO_COLOR and FORCE_COLOR.
    return this.isTTY && this.out.hasColors?.() ? styleText(style, text, { validateStream: false }) : text;
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.out.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  async readInput(): Promise<Uint8Array> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.input) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }

  /** Takes the status away, lets a whole line be written, and draws it again below. */
  private aroundStatus(write: () => void): void {
    if (this.shown) this.out.write(clearing(this.shown));
    write();
    if (this.shown) this.out.write(this.shown);
  }
}

export const processTerminal = (): Terminal => new StreamTerminal(process.stdout, process.stderr, process.stdin);

/** For a command that goes on when its terminal is closed, or when nothing reads its output any more. */
export function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', () => {});
}

/**
 * Text that others wrote, on one line and without anything that a terminal would obey. Which control characters Node
 * counts to an escape sequence depends on its version, so the remaining ones are removed, not replaced.
 */
export const printable = (text: string): string =>
  stripVTControlCharacters(text)
    .replaceAll(/[\t-\r]+/g, ' ')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, '');
