import { TrainyardError } from '@trainyard/contracts';

/** Limits how many requests are in memory at once, and how many bytes they have. */
export class Admission {
  private requests = 0;
  private bytes = 0;

  constructor(private readonly limits: { maxRequests: number; maxBytes: number }) {}

  /** @returns what is called when the request is over; more calls do nothing. @throws TrainyardError `unavailable` */
  enter(bytes: number): () => void {
    const { maxRequests, maxBytes } = this.limits;
    if (this.requests >= maxRequests || this.bytes + bytes > maxBytes) {
      const what = this.requests >= maxRequests ? `${maxRequests} requests` : `requests of ${maxBytes} bytes`;
      throw new TrainyardError('unavailable', `${what} of predictions are waiting; try again in a moment`);
    }
    this.requests++;
    this.bytes += bytes;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.requests--;
      this.bytes -= bytes;
    };
  }
}
