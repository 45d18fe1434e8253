import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../bin/trainyard.js', import.meta.url));

it.each([
  ['ulimit -n 64', /^error: this process may open 64 files at a time, and Trainyard needs 256: raise the limit .*\n$/],
  ['ulimit -v 4194304', /^error: this process may use 4\.0 GiB of address space .*: lift the limit; .*\n$/],
])('says in one sentence what is too little: %s', (limit, message) => {
  const script = `${limit}; exec "$0" "$@"`;
  const run = spawnSync('sh', ['-c', script, process.execPath, program, 'up'], { encoding: 'utf8' });
  expect(run.stderr).toMatch(message);
  expect(run.status).toBe(2);
});

it.each([
  ['18.20.8', 'Trainyard needs Node.js 20.19, 22.13, or 24 or newer; this is 18.20.8'],
  ['22.12.0', 'Trainyard needs Node.js 20.19, 22.13, or 24 or newer; this is 22.12.0'],
  ['20.19.0', null],
  ['24.0.0', null],
])('on Node.js %s', (version, message) => {
  const module = new URL('../bin/requirements.js', import.meta.url);
  const script = `import { unmetRequirement } from '${module}';
    console.log(JSON.stringify(unmetRequirement([], '${version}', '')));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(JSON.parse(stdout)).toBe(message);
});
