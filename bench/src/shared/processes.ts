import { readFileSync } from 'node:fs';

/** Linux counts processor time in these units. */
const ticksPerSecond = 100;

/** Bytes from a line of /proc/<pid>/status, e.g. `VmRSS` or `VmHWM`; NaN when the text has no such line. */
export const statusBytes = (status: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;

/** Resident memory in bytes; null when the process or /proc is not there. */
export function residentBytes(pid: number | null | undefined): number | null {
  const status = readProc(`${pid}/status`);
  return status === null ? null : statusBytes(status, 'VmRSS');
}

/** The largest resident memory in bytes that a process has had; null when the process or /proc is not there. */
export function peakBytesOf(pid: number | null | undefined): number | null {
  const status = readProc(`${pid}/status`);
  return status === null ? null : statusBytes(status, 'VmHWM');
}

/** The largest resident memory that this process has had, in bytes. */
export function peakBytes(): number {
  const status = process.platform === 'linux' ? readProc('self/status') : null;
  return status === null ? process.resourceUsage().maxRSS * 1024 : statusBytes(status, 'VmHWM');
}

/** Seconds of processor time that a process and its ended children have used; null without /proc. */
function processorSeconds(pid: number | null | undefined): number | null {
  const stat = readProc(`${pid}/stat`);
  if (stat === null) return null;
  // The name in brackets may contain spaces; utime, stime, cutime and cstime are fields 12 to 15 after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) / ticksPerSecond, 0);
}

/** Seconds of processor time of the API, and of Postgres with all its processes. */
export const processorUse = ({ api, postgres }: Record<string, number | null>): { api: number; postgres: number } => ({
  api: processorSeconds(api) ?? 0,
  postgres: treeSeconds(postgres),
});

/** Seconds of processor time of a process and of those that it started, which may have started others. */
export function treeSeconds(pid: number | null | undefined): number {
  const children = readProc(`${pid}/task/${pid}/children`)?.trim().split(' ').filter(Boolean).map(Number) ?? [];
  return children.reduce((sum, child) => sum + treeSeconds(child), processorSeconds(pid) ?? 0);
}

function readProc(name: string): string | null {
  try {
    return readFileSync(`/proc/${name}`, 'utf8');
  } catch {
    return null;
  }
}
