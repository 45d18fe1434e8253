import { readFileSync } from 'node:fs';

/** However busy, a trainer that says nothing for this many times its silence is given up. */
const patience = 15;

/** Clock ticks (hundredths of a second on Linux) of CPU time a second below which a silent process counts as asleep. */
const idleTicksPerSecond = 1;

/**
 * Tells when a process hangs. A trainer speaks about once a second, but one step of a huge network on a slow machine may
 * take minutes: silence alone is no proof, so it must have used no CPU meanwhile either, where that can be known.
 */
export class Watchdog {
  #timer: NodeJS.Timeout | null = null;
  #silences = 0;
  #ticks: number | null = null;

  constructor(
    private readonly pid: number | undefined,
    private readonly silenceSeconds: number,
    private readonly onHang: (reason: string) => void,
  ) {}

  start(): void {
    this.heard();
  }

  /** A message came. */
  heard(): void {
    this.#silences = 0;
    this.#watch();
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #watch(): void {
    this.stop();
    this.#ticks = cpuTicks(this.pid);
    this.#timer = setTimeout(() => this.#silent(), this.silenceSeconds * 1000);
  }

  #silent(): void {
    this.#silences += 1;
    const ticks = cpuTicks(this.pid);
    const busy =
      ticks !== null && this.#ticks !== null && ticks - this.#ticks > idleTicksPerSecond * this.silenceSeconds;
    if (busy && this.#silences < patience) this.#watch();
    else this.onHang(`it said nothing for ${this.#silences * this.silenceSeconds} s`);
  }
}

/** User and system time of a process; null where the system does not tell. Fields 14 and 15 of proc_pid_stat(5). */
function cpuTicks(pid: number | undefined): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command in parentheses, may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return null;
  }
}
