import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '@trainyard/contracts';

export interface TrainerExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last lines of its standard error. */
  lastLines: readonly string[];
  /** Whether the kernel has killed any process because memory ran out since the trainer began. */
  kernelKilled: boolean;
}

const outOfMemoryPattern = /bad_alloc|heap out of memory|cannot allocate memory|allocation failed/i;

/** Why a trainer ended without a last message. */
export function explainDeath({ code, signal, lastLines, kernelKilled }: TrainerExit): Failure {
  const stderr = lastLines.length === 0 ? '' : `; its last output:\n${lastLines.join('\n')}`;
  if ((signal === 'SIGKILL' && kernelKilled) || lastLines.some((line) => outOfMemoryPattern.test(line))) {
    const message = `the trainer ran out of memory; use a smaller batchSize or a smaller network${stderr}`;
    return { code: 'out_of_memory', message };
  }
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code} before its job was done`;
  return { code: 'trainer_crashed', message: `the trainer ${how}${stderr}` };
}

/** Distinguishes the kernel's out-of-memory kills from a SIGKILL that a person sent; the signal itself is the same. */
export class OutOfMemoryKills {
  readonly #before: number;

  /** @param root of the files that the kernel offers; another than `/` in tests. */
  constructor(private readonly root = '/') {
    this.#before = countOutOfMemoryKills(root);
  }

  /** Whether there has been one since this object was created. */
  happened(): boolean {
    return countOutOfMemoryKills(this.root) > this.#before;
  }
}

/**
 * How many out-of-memory kills the kernel counts in this process's control group, which its trainers share, or else on
 * this machine; 0 where unknown.
 */
function countOutOfMemoryKills(root: string): number {
  for (const file of countingFiles(root)) {
    const count = /^oom_kill (\d+)$/m.exec(readIfPresent(path.join(root, file)))?.[1];
    if (count !== undefined) return Number(count);
  }
  return 0;
}

/** Where the count may be, the most exact first. */
function countingFiles(root: string): string[] {
  const groups = readIfPresent(path.join(root, 'proc/self/cgroup'));
  // `0::<group>` for version 2, `4:memory:<group>` for version 1, whose controllers have hierarchies of their own.
  const unified = /^0::(.*)$/m.exec(groups)?.[1] ?? '/';
  const memory = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  const version2 = (group: string) => path.join('sys/fs/cgroup', group, 'memory.events');
  const version1 = (group: string) => path.join('sys/fs/cgroup/memory', group, 'memory.oom_control');
  // A container may have another path in /proc/self/cgroup than it sees: its own group is then the root that it sees.
  const files = memory === undefined ? [version2(unified), version2('/')] : [version1(memory), version1('/')];
  return [...files, 'proc/vmstat'];
}

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
