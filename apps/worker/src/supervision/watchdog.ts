import { readFileSync } from 'node:fs';

/** After this many silent periods in sequence, a trainer counts as hung even while it uses the CPU. */
const maxBusySilences = 15;

/** CPU time in clock ticks (hundredths of a second on Linux) per second; a silent process below it counts as idle. */
const idleTicksPerSecond = 1;

/**
 * Detects a hung process. A trainer sends a message about once a second, but one step of a huge network on a slow
 * machine may take minutes: silence alone is no proof. It must also have used no CPU meanwhile, where the system
 * reports that.
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
    if (busy && this.#silences < maxBusySilences) this.#watch();
    else this.onHang(`it sent no message for ${this.#silences * this.silenceSeconds} s`);
  }
}

/**
 * User and system time of a process; null where the system does not report it. Fields 14 and 15 of proc_pid_stat(5).
 */
function cpuTicks(pid: number | undefined): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command in parentheses, may contain blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return null;
  }
}
