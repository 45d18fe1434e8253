import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll } from 'vitest';
import { eventually } from '../eventually.js';

/**
 * A memory group of version 1 or 2 whose processes may use so many bytes together. It is removed after the tests of the
 * file, whose processes in it have ended then.
 * @returns its folder; null where this process may make none, as when it is not root
 */
export function useMemoryGroup(name: string, bytes: number): string | null {
  for (const [parent, limit] of [
    ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'],
    ['/sys/fs/cgroup', 'memory.max'],
  ] as const) {
    const group = path.join(parent, `trainyard-${name}-${process.pid}`);
    try {
      mkdirSync(group);
      writeFileSync(path.join(group, limit), String(bytes));
    } catch {
      removed(group);
      continue;
    }
    afterAll(() => eventually('an empty group', () => removed(group)));
    return group;
  }
  return null;
}

function removed(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}
