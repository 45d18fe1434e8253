import { readFileSync } from 'node:fs';
import type { Failure } from '@trainyard/contracts';

export interface Death {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The end of its standard error. */
  lastLines: readonly string[];
  /** Whether the kernel has killed for want of memory since the process began. */
  kernelKilled: boolean;
}

const memoryWords = /bad_alloc|heap out of memory|cannot allocate memory|allocation failed/i;

/** Why a trainer that ended without a last message did so. */
export function explainDeath({ code, signal, lastLines, kernelKilled }: Death): Failure {
  const said = lastLines.length === 0 ? '' : `; its last words:\n${lastLines.join('\n')}`;
  if ((signal === 'SIGKILL' && kernelKilled) || lastLines.some((line) => memoryWords.test(line))) {
    const message = `the trainer ran out of memory; use a smaller batchSize or a smaller network${said}`;
    return { code: 'out_of_memory', message };
  }
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code} before its job was done`;
  return { code: 'trainer_crashed', message: `the trainer ${how}${said}` };
}

/** Tells the kernel's kills for want of memory from those by people: a person's SIGKILL looks the same otherwise. */
export class DeathWatch {
  readonly #before = outOfMemoryKills();

  kernelKilled(): boolean {
    return outOfMemoryKills() > this.#before;
  }
}

/** How often the kernel has killed for want of memory: in this control group, or else on this machine; 0 where unknown. */
function outOfMemoryKills(): number {
  for (const file of ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control', '/proc/vmstat']) {
    const count = /^oom_kill (\d+)$/m.exec(readIfThere(file))?.[1];
    if (count !== undefined) return Number(count);
  }
  return 0;
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
