// Runs a child that uses more memory than its control group may, and prints how it ended and whether that was seen.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { OutOfMemoryKills } from '../../dist/supervision/trainerDeath.js';

const hog = `
  require('node:fs').writeFileSync('/proc/self/oom_score_adj', '1000');
  const kept = [];
  for (;;) kept.push(Buffer.alloc(1 << 20, 1));
`;
const kills = new OutOfMemoryKills();
const child = spawn(process.execPath, ['-e', hog], { stdio: 'ignore' });
const [, signal] = await once(child, 'exit');
process.stdout.write(`${signal} ${kills.happened()}\n`);
