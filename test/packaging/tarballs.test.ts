import { readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Job, TestResults } from '@trainyard/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyFolder, InstalledCli, install, pack, pathWithNodeAlone, root, run } from './support.js';

let tarballs: { cli: string; client: string };
beforeAll(async () => {
  tarballs = await pack();
});

/** Submits the smallest useful job and waits for its end. */
async function train(cli: InstalledCli): Promise<Job> {
  const options = ['--dataset', 'shapes', '--epochs', '1', '--set', 'dataset.limit=40', '--set', 'seed=1'];
  const { id } = await cli.json<Job>('submit', 'lenet', ...options);
  const deadline = Date.now() + 200_000;
  for (;;) {
    const job = await cli.json<Job>('show', id);
    if (job.terminal || Date.now() > deadline) return job;
  }
}

describe.sequential('the command line, installed from its tarball', () => {
  let folder: string;
  let remove = async () => {};
  beforeAll(async () => {
    ({ folder, remove } = await emptyFolder());
    await install(tarballs.cli, folder);
  });
  afterAll(() => remove());

  it('trains without a compiler, and says in one sentence that this is slow and why', async () => {
    const cli = new InstalledCli(folder, { PATH: await pathWithNodeAlone(folder) });
    const up = await cli.up();
    try {
      expect(up.output()).toMatch(
        /^The native executor cannot be built, as this machine lacks make, a C\+\+ compiler/m,
      );
      expect(up.output()).toContain('training runs in plain JavaScript');
      await cli.json('dataset', 'import', 'shapes');
      const job = await train(cli);
      expect(job).toMatchObject({ state: 'succeeded', executor: { name: 'tfjs' } });
      expect(await cli.json<TestResults>('results', job.id)).toMatchObject({ total: 2000, epoch: 1 });
    } finally {
      await up.stop();
    }
  });

  it('builds the native executor at the first start with a compiler, shows progress, and trains with it', async () => {
    // Compiled without optimisation, which is enough here and takes a tenth of the time.
    const cli = new InstalledCli(folder, { PATH: process.env.PATH, MAKEFLAGS: 'OPTIMIZATION=-O0' });
    const up = await cli.up();
    try {
      expect(up.output()).toMatch(/compiled \d+ of \d+ files/);
      expect(up.output()).toContain('Built the native executor in');
      const job = await train(cli);
      expect(job).toMatchObject({ state: 'succeeded', executor: { name: 'native' } });
      expect(await cli.json<TestResults>('results', job.id)).toMatchObject({ total: 2000, epoch: 1 });
    } finally {
      await up.stop();
    }
  });
});

describe('the client, installed from its tarball', () => {
  it('is imported and calls a service, with nothing else installed', async () => {
    const { folder, remove } = await emptyFolder();
    try {
      await install(tarballs.client, folder);
      const program = `
        import { createServer } from 'node:http';
        import { TrainyardClient } from '@trainyard/client';
        const server = createServer((request, response) => response.end('{"data": [], "nextCursor": null}'));
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
        const baseUrl = 'http://127.0.0.1:' + server.address().port;
        console.log(JSON.stringify(await new TrainyardClient({ baseUrl, apiKey: 'k' }).jobs()));
        server.close();`;
      const output = await run(process.execPath, ['--input-type=module', '--eval', program], folder);
      expect(JSON.parse(output)).toEqual({ data: [], nextCursor: null });
    } finally {
      await remove();
    }
  });
});

describe('a tarball', () => {
  it.each(['apps/cli', 'packages/client'])(
    'of %s is not made by a plain npm pack, which would leave out the packages that it needs',
    async (folder) => {
      await expect(run('npm', ['pack', '--dry-run', '-w', folder], root)).rejects.toThrow('name and version');
    },
  );

  it('names packages of this repository by their place in it, so that none is looked for in a registry', async () => {
    for (const name of ['cli', 'client']) {
      const carried = path.join(root, 'packed', name, 'node_modules/@trainyard');
      const others = (await readdir(carried)).map((other) => path.join(carried, other));
      for (const folder of [path.join(root, 'packed', name), ...others]) {
        const { dependencies = {} } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
        const ours = Object.entries<string>(dependencies).filter(([other]) => other.startsWith('@trainyard/'));
        for (const [other, place] of ours)
          expect(path.resolve(folder, place.replace(/^file:/, ''))).toBe(path.join(carried, path.basename(other)));
      }
    }
  });

  it('has the version of the repository', async () => {
    const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
    expect(path.basename(await realpath(tarballs.cli))).toBe(`trainyard-cli-${version}.tgz`);
  });
});
