import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { useMemoryGroup } from '@trainyard/test-kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OutOfMemoryKills } from '../../src/supervision/trainerDeath.js';

type Files = Record<string, string>;

async function write(root: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), content);
  }
}

const events = (kills: number) => `low 0\nhigh 0\nmax 5\noom 5\noom_kill ${kills}\noom_group_kill 0\n`;
const control = (kills: number) => `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}\n`;
const version1 = '9:name=systemd:/\n4:cpu,memory:/pods/a\n1:cpuset:/\n0::/\n';

describe('a kill because memory ran out', () => {
  it.each<[string, Files, Files, boolean]>([
    [
      'of a process in this group of version 2',
      { 'proc/self/cgroup': '0::/pods/a\n', 'sys/fs/cgroup/pods/a/memory.events': events(1) },
      { 'sys/fs/cgroup/pods/a/memory.events': events(2) },
      true,
    ],
    [
      'of a process in this group of version 1',
      {
        'proc/self/cgroup': version1,
        'sys/fs/cgroup/memory/memory.oom_control': control(0),
        'sys/fs/cgroup/memory/pods/a/memory.oom_control': control(0),
      },
      { 'sys/fs/cgroup/memory/pods/a/memory.oom_control': control(1) },
      true,
    ],
    [
      'of a process in this container, which sees its group as the root',
      { 'proc/self/cgroup': version1, 'sys/fs/cgroup/memory/memory.oom_control': control(3) },
      { 'sys/fs/cgroup/memory/memory.oom_control': control(4) },
      true,
    ],
    [
      'of a process on this machine, without control groups',
      { 'proc/vmstat': 'pgfault 1\noom_kill 6\n' },
      { 'proc/vmstat': 'pgfault 2\noom_kill 7\n' },
      true,
    ],
    [
      'of a process in another group',
      {
        'proc/self/cgroup': '0::/pods/a\n',
        'sys/fs/cgroup/pods/a/memory.events': events(1),
        'proc/vmstat': 'oom_kill 1\n',
      },
      { 'proc/vmstat': 'oom_kill 2\n' },
      false,
    ],
  ])('%s', async (_, before, after, happened) => {
    const root = await mkdtemp(path.join(tmpdir(), 'trainyard-groups-'));
    onTestFinished(() => rm(root, { recursive: true }));
    await write(root, before);
    const kills = new OutOfMemoryKills(root);
    expect(kills.happened()).toBe(false);
    await write(root, after);
    expect(kills.happened()).toBe(happened);
  });
});

const limitedGroup = useMemoryGroup('kills', 96 << 20);

it.skipIf(limitedGroup === null)('a kill by the limit of a real group is seen by the parent (needs root)', async () => {
  const group = limitedGroup as string;
  const program = fileURLToPath(new URL('outOfMemoryProcess.mjs', import.meta.url));
  const script = `echo $$ > ${group}/cgroup.procs && exec ${process.execPath} ${program}`;
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  expect(await text(child.stdout)).toBe('SIGKILL true\n');
});
