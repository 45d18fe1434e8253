import type { Heartbeat } from '@trainyard/contracts';

/**
 * Finds attempts that have stopped sending heartbeats: those whose newest heartbeat was the same at `missedChecks`
 * checks after the first. It counts checks and reads no clock, so that a clock that jumps, two clocks that differ, or
 * a machine that slept do not make a living worker look dead.
 */
export class HeartbeatMonitor {
  #seen = new Map<string, { at: number; checks: number }>();

  constructor(readonly missedChecks: number) {}

  /**
   * @param heartbeats the newest of every running attempt.
   * @returns those that have not changed for `missedChecks` checks.
   */
  check(heartbeats: Heartbeat[]): Heartbeat[] {
    const before = this.#seen;
    this.#seen = new Map();
    return heartbeats.filter(({ token, at }) => {
      const known = before.get(token);
      const checks = known?.at === at.getTime() ? known.checks + 1 : 0;
      this.#seen.set(token, { at: at.getTime(), checks });
      return checks >= this.missedChecks;
    });
  }

  /** Discards what was seen of one attempt: it counts as silent only after `missedChecks` more checks. */
  forget({ token }: Heartbeat): void {
    this.#seen.delete(token);
  }

  /** Discards what was seen: while the database was unreachable, no worker could send a heartbeat. */
  reset(): void {
    this.#seen.clear();
  }
}
