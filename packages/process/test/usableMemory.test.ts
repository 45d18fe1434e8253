import { spawnSync } from 'node:child_process';
import { totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { useMemoryGroup } from '@trainyard/test-kit';
import { expect, it } from 'vitest';
import { usableMemory } from '../src/index.js';

const limit = 512 << 20;

const limitedGroup = useMemoryGroup('memory', limit);

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
