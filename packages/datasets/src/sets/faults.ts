import { InvalidInputError, type SkippedFile } from '@trainyard/contracts';

const mostNamed = 1000;

/** Counts the images that cannot be used, and names the first 1,000 of them. */
export class Faults {
  readonly named: SkippedFile[] = [];
  count = 0;

  /** @param reason continues the sentence "<name> ..." */
  add(name: string, reason: string): void {
    this.count++;
    if (this.named.length < mostNamed) this.named.push({ name, reason });
  }

  /** Sorted, so that the order in which threads finish does not matter. */
  sorted(): SkippedFile[] {
    return this.named.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws InvalidInputError that names all, when there are more than may be left out */
  check(source: string, images: number, most: number): void {
    if (this.count <= most) return;
    const { count } = this;
    const subject = count === 1 ? 'one image' : `${count} of ${images} images`;
    const limit = most > 0 ? `, more than the ${most} that may be left out` : '';
    const remedy =
      most > 0
        ? `raise the limit (--skip-bad ${count})`
        : `replace them, or leave them out (--skip-bad${count > Math.max(10, images / 100) ? ` ${count}` : ''})`;
    const faults = this.sorted().map(({ name, reason }) => ({ pointer: '', detail: `${name} ${reason}` }));
    const only = count === 1 ? `: ${faults[0]?.detail}` : '';
    throw new InvalidInputError(`${source} has ${subject} that cannot be used${limit}${only}; ${remedy}`, faults);
  }
}
