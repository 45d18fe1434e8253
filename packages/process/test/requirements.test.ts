import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { unmetRequirement } from '../src/requirements.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

it.each(['apps/cli/bin/trainyard.js up', 'apps/api/dist/server.js', 'apps/worker/dist/main.js'])(
  '%s says in one sentence which limit is too low',
  (program) => {
    const start = (limit: string) =>
      spawnSync('sh', ['-c', `${limit}; exec "$0" ${program}`, process.execPath], { encoding: 'utf8', cwd: root });
    const files = start('ulimit -n 64');
    expect(files.stderr).toMatch(
      /^error: this process may open 64 files at a time, and Trainyard needs 256: raise the limit .*\n$/,
    );
    expect(files.status).toBe(2);
    const space = start('ulimit -v 4194304');
    expect(space.stderr).toMatch(/^error: this process may use 4\.0 GiB of address space .*: lift the limit; .*\n$/);
    expect(space.status).toBe(2);
  },
);

const wanted = 'Trainyard needs Node.js 20.19, 22.13, or 24 or newer; this is';
it.each([
  ['18.20.8', `${wanted} 18.20.8`],
  ['22.12.0', `${wanted} 22.12.0`],
  ['20.19.0', null],
  ['24.0.0', null],
])('on Node.js %s', (version, message) => {
  expect(unmetRequirement('command', version, '')).toBe(message);
});

it.each(['cli/bin/trainyard.js', 'api/dist/server.js', 'worker/dist/main.js'])(
  'apps/%s loads nothing before Node.js is checked that an old one cannot load',
  (program) => {
    // Stands for an old Node.js: the hook answers each import of another module than the check with an error.
    const hook = `export async function resolve(specifier, context, next) {
      const found = await next(specifier, context);
      const loadable = ['node:fs', '/packages/process/dist/requirements.js', '/apps/${program}'];
      if (loadable.some((end) => found.url.endsWith(end))) return found;
      throw new Error('imported ' + found.url);
    }`;
    const register = `import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
      Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } });`;
    const flags = ['--import', `data:text/javascript,${encodeURIComponent(register)}`];
    const { stderr, status } = spawnSync(process.execPath, [...flags, `${root}/apps/${program}`], { encoding: 'utf8' });
    expect(stderr).toBe(`error: ${wanted} 18.20.8\n`);
    expect(status).toBe(2);
  },
);
