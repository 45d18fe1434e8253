import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type StackSettings, startStack } from '../src/stack.js';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'trainyard-stack-'));
  await chmod(home, 0o711);
});
afterEach(() => rm(home, { recursive: true, force: true }));

const folder = (name: string): string => path.join(home, name);

/** Without a Postgres of its own, so that nothing is started before the port is tried. */
const settings = (changes: Partial<StackSettings>): StackSettings => ({
  home,
  host: '127.0.0.1',
  port: 0,
  databaseUrl: 'postgresql://user@127.0.0.1:1/none',
  apiKey: null,
  publicUrl: null,
  credentialsFile: folder('credentials.json'),
  folders: {
    logs: folder('logs'),
    datasets: folder('datasets'),
    artifacts: folder('artifacts'),
    postgres: folder('postgres'),
  },
  ...changes,
});

const start = (changes: Partial<StackSettings>) =>
  startStack({ settings: settings(changes), entries: { api: 'file:///none', worker: null }, print: () => {} });

describe('an address that cannot be listened on', () => {
  it('is named with its setting', async () => {
    await expect(start({ port: 4711, host: '192.0.2.1' })).rejects.toThrow(
      /^TRAINYARD_HOST names 192\.0\.2\.1, which is no address of this machine; set it to /,
    );
    await expect(start({ port: 4711, host: 'nosuchhost.invalid' })).rejects.toThrow(
      /^TRAINYARD_HOST names nosuchhost\.invalid, which no name server knows; set it to /,
    );
  });

  it('says when another program has the port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    await expect(start({ port })).rejects.toThrow(
      `TRAINYARD_PORT names port ${port}, which is in use by another program; set it to a free one`,
    );
  });
});

it('gives its processes the URL of the database once, also where it came from a file', async () => {
  const script = folder('service.mjs');
  const report = folder('report.json');
  const lines = [
    `import { writeFileSync } from 'node:fs';`,
    `const { DATABASE_URL, DATABASE_URL_FILE } = process.env;`,
    `writeFileSync(${JSON.stringify(report)}, JSON.stringify({ DATABASE_URL, DATABASE_URL_FILE }));`,
    `process.send({ ready: true });`,
    `process.on('SIGTERM', () => process.exit(0));`,
  ];
  await writeFile(script, lines.join('\n'));
  vi.stubEnv('DATABASE_URL_FILE', folder('url'));
  const entries = { api: pathToFileURL(script).href, worker: null };
  const stack = await startStack({ settings: settings({}), entries, print: () => {} });
  onTestFinished(() => void vi.unstubAllEnvs());
  await stack.stop();
  const { databaseUrl } = settings({});
  expect(JSON.parse(await readFile(report, 'utf8'))).toEqual({ DATABASE_URL: databaseUrl, DATABASE_URL_FILE: '' });
});
