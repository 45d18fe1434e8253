import { readFileSync } from 'node:fs';
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
  readonly #before = countOutOfMemoryKills();

  /** Whether there has been one since this object was created. */
  happened(): boolean {
    return countOutOfMemoryKills() > this.#before;
  }
}

/** How many out-of-memory kills the kernel counts in this control group, or else on this machine; 0 where unknown. */
function countOutOfMemoryKills(): number {
  for (const file of ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control', '/proc/vmstat']) {
    const count = /^oom_kill (\d+)$/m.exec(readIfPresent(file))?.[1];
    if (count !== undefined) return Number(count);
  }
  return 0;
}

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
