import { maxOutputLength } from '@trainyard/contracts';
import { maskSecrets } from '@trainyard/process';

/** Lines that wait for one write; of a trainer that writes more, the rest is counted only. */
const maxWaiting = 100;

/** What the database stores in a text: no NUL, no half of a surrogate pair, which cutting may leave. */
const storable = (line: string): string =>
  maskSecrets(line.replaceAll('\0', '').slice(0, maxOutputLength)).replace(/\p{Surrogate}/gu, '');

/** Lines of a trainer's standard error on their way into the log of its job. */
export class TrainerOutput {
  #waiting: string[] = [];
  #leftOut = 0;

  /** @param write stores lines; what it throws is the caller's to know: the lines wait for the next flush. */
  constructor(private readonly write: (lines: string[]) => Promise<void>) {}

  add(line: string): void {
    if (this.#waiting.length < maxWaiting) this.#waiting.push(storable(line));
    else this.#leftOut += 1;
  }

  /** Writes the lines that wait. Must not be called again before it resolves. */
  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const [lines, leftOut] = [this.#waiting, this.#leftOut];
    this.#waiting = [];
    this.#leftOut = 0;
    try {
      await this.write(leftOut === 0 ? lines : [...lines, `... and ${leftOut} more lines`]);
    } catch {
      this.#waiting = [...lines, ...this.#waiting].slice(0, maxWaiting);
      this.#leftOut += leftOut;
    }
  }
}
