import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Sends `signal`, and SIGKILL after `seconds`. Resolves when the process has ended. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals, seconds: number): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const ended = once(child, 'exit');
  const force = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
  child.kill(signal);
  await ended;
  clearTimeout(force);
}
