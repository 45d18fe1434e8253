import { spawnSync } from 'node:child_process';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@trainyard/test-kit';
import { afterAll, expect, it } from 'vitest';
import { usableMemory } from '../src/index.js';

const limit = 512 << 20;

/** A memory group of version 1 or 2 that this process may limit; null where it may not, as when it is not root. */
const limitedGroup = (() => {
  for (const [parent, file] of [
    ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'],
    ['/sys/fs/cgroup', 'memory.max'],
  ] as const) {
    const group = path.join(parent, `trainyard-memory-${process.pid}`);
    try {
      mkdirSync(group);
      writeFileSync(path.join(group, file), String(limit));
      return group;
    } catch {
      spawnSync('rmdir', [group]);
    }
  }
  return null;
})();

afterAll(async () => {
  if (limitedGroup === null) return;
  await eventually('an empty group', () => {
    try {
      rmdirSync(limitedGroup);
      return true;
    } catch {
      return false;
    }
  });
});

it('is at most the memory of the machine', () => {
  expect(usableMemory()).toBeGreaterThan(0);
  expect(usableMemory()).toBeLessThanOrEqual(totalmem());
});

it.skipIf(limitedGroup === null)('is the limit of the control group where it is lower (needs root)', () => {
  const source = fileURLToPath(new URL('../dist/usableMemory.js', import.meta.url));
  const program = `import(${JSON.stringify(source)}).then((m) => console.log(m.usableMemory()))`;
  const script = 'echo $$ > "$0/cgroup.procs" && exec "$1" -e "$2"';
  const { stdout, stderr } = spawnSync('sh', ['-c', script, limitedGroup as string, process.execPath, program]);
  expect(`${stdout}${stderr}`).toBe(`${limit}\n`);
});
