import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/*
 * flock(2), which Node.js does not offer. The lock belongs to the open file, not to the process that asked for it: a
 * child that inherits the descriptor takes it, ends, and the lock stays until every process that has the descriptor has
 * closed it or is dead, however it died. The kernel knows no namespaces here: containers that share a folder see it.
 */

/** `unknown`: this machine has no program that locks, or the file system knows no locks. */
export type LockAnswer = 'locked' | 'held' | 'unknown';
type Mode = 'exclusive' | 'shared';

interface Program {
  command: string;
  args: Record<Mode, string[]>;
  /** Exit code where another process holds the lock. */
  held: number;
}

const perl = (mode: string) => [
  '-MFcntl=:flock',
  '-MErrno=EWOULDBLOCK',
  '-e',
  `open(my $file, "<&=", 3) or exit 3; flock($file, ${mode} | LOCK_NB) and exit 0; exit($! == EWOULDBLOCK ? 1 : 3)`,
];

/** util-linux and busybox have flock; macOS has none, but perl. */
const programs: Program[] = [
  { command: 'flock', args: { exclusive: ['-n', '-x', '3'], shared: ['-n', '-s', '3'] }, held: 1 },
  { command: 'perl', args: { exclusive: perl('LOCK_EX'), shared: perl('LOCK_SH') }, held: 1 },
];

/** Locks the open file without waiting. */
export async function kernelLock(descriptor: number, mode: Mode): Promise<LockAnswer> {
  for (const { command, args, held } of programs) {
    const child = spawn(command, args[mode], { stdio: ['ignore', 'ignore', 'pipe', descriptor] });
    const [code, complaint] = await result(child);
    if (code === 0) return 'locked';
    // busybox ends with the same code where it cannot lock at all, but then it says why.
    if (code === held && complaint === '') return 'held';
  }
  return 'unknown';
}

/** Exit code (null: killed, or not started) and what it wrote to its standard error. */
async function result(child: ChildProcess): Promise<[number | null, string]> {
  try {
    const [[code], complaint] = await Promise.all([once(child, 'close'), child.stderr ? text(child.stderr) : '']);
    return [code, complaint];
  } catch {
    return [null, ''];
  }
}
