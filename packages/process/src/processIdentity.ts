import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * When a process started, in a form that only compares equal for the same process; null where there is no such process.
 * Linux: field 22 of proc_pid_stat(5), in clock ticks since boot. Elsewhere a process that runs has started, no more.
 */
export function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command in parentheses, may contain blanks.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; its parent, often the first process of a container, may never ask for its exit code.
    return state === 'Z' ? null : (rest[18] ?? null);
  } catch {
    if (process.platform === 'linux') return null;
    return isRunning(pid) ? 'running' : null;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Where process ids mean the same processes as here: this boot of this machine, and this container. */
export const host: string = readHost();

/** The part of a `host` that containers of one kernel share. */
export const bootOf = (of: string): string => of.split(' ')[0] ?? of;

function readHost(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
