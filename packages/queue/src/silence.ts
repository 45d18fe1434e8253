/** The newest sign of life of an attempt that runs; `at` says nothing beyond whether another has come since. */
export type Heartbeat = { token: string; at: Date };

/**
 * Tells which attempts have fallen silent: those whose heartbeat was the same at `patience` looks after the first. Looks are
 * counted and no clock is read, so that neither a clock that jumps, nor two that differ, nor a machine that slept
 * makes a living worker look dead.
 */
export class SilenceWatch {
  #seen = new Map<string, { at: number; looks: number }>();

  constructor(readonly patience: number) {}

  look(heartbeats: Heartbeat[]): Heartbeat[] {
    const before = this.#seen;
    this.#seen = new Map();
    return heartbeats.filter(({ token, at }) => {
      const known = before.get(token);
      const looks = known?.at === at.getTime() ? known.looks + 1 : 0;
      this.#seen.set(token, { at: at.getTime(), looks });
      return looks >= this.patience;
    });
  }

  /** The database was away, and with it every heartbeat: nothing that was seen before counts. */
  forget(): void {
    this.#seen.clear();
  }
}
