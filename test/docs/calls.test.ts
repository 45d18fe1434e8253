import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService, submit } from '../../apps/api/test/support/service.js';
import { buildProgram } from '../../apps/cli/src/commands.js';
import { Context } from '../../apps/cli/src/context.js';
import { captureTerminal } from '../../apps/cli/test/support/captureTerminal.js';
import { root, run } from '../packaging/support.js';
import { blocksOf, commandsOf, curlsOf, inlineOf, pages, programsOf } from './pages.js';

let service: Service;
let folder: string;
let jobId: string;
beforeAll(async () => {
  service = await startService();
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  jobId = await submit(service);
  folder = await mkdtemp(path.join(tmpdir(), 'trainyard-docs-'));
  await writeFile(path.join(folder, 'pets.zip'), 'no archive');
  for (const name of ['cat.jpg', 'dog.png']) await writeFile(path.join(folder, name), 'no image');
});
afterAll(async () => {
  await service?.close();
  await rm(folder, { recursive: true, force: true });
});

const texts = await Promise.all(
  (await pages(root)).map(async (page) => ({ page, text: await readFile(path.join(root, page), 'utf8') })),
);
const blocks = texts.flatMap(({ page, text }) => blocksOf(text).map((block) => ({ page, ...block })));

/** Why a block is not run: a language, and what a test or nothing could run it with. */
const notRun: Record<string, string> = {
  '': 'output, pictures of data and lines of npm; its `trainyard` commands are checked',
  text: 'the layouts of data.md: packages/datasets/test/docs/dataPage.test.ts',
  json: 'parsed here',
  sql: 'for a hosted Postgres: test/e2e/hostedPostgres.test.ts has the role',
  mermaid: 'a picture',
  nginx: 'apps/api/test/webProxies.test.ts runs it',
  haproxy: 'apps/api/test/webProxies.test.ts runs it',
  yaml: 'the configuration of Prometheus',
  ini: 'a unit of systemd',
  python: 'needs PyTorch; test/pytorch/checkpoint.long.ts computes a downloaded network there',
  js: 'parsed here',
};

it('every block of the documents is run, checked, or has a reason here', () => {
  const unknown = blocks.filter(({ language }) => language !== 'sh' && notRun[language] === undefined);
  expect(unknown.map(({ page, line, language }) => `${page}:${line} ${language}`)).toEqual([]);
});

/** Programs of shell blocks, and what runs them: here only `trainyard`, curl and the names of npm's scripts. */
const programs: Record<string, string> = {
  npx: 'trainyard: commands.test.ts',
  tensorboard: 'test/tensorboard reads what the line before it writes',
  trainyard: 'commands.test.ts',
  npm: 'the names of scripts, here; the commands are benchmarks, tests and installations',
  'job()': 'waits up to 30 s; examples/train.sh waits so: test/e2e/examples.test.ts',
  until: 'as job()',
  do: 'as job()',
  done: 'as job()',
  '}': 'as job()',
  'TRAINYARD_TEST_DEVICE=torch:cpu': 'npm, with a setting',
  grep: 'reads the logs of an installation',
  cp: 'a backup: test/e2e/backup.test.ts',
  'TRAINYARD_HOME=/backup/trainyard': 'a backup: test/e2e/backup.test.ts',
  pg_dump: 'a backup: test/e2e/backup.test.ts',
  rsync: 'a backup: test/e2e/backup.test.ts',
  createdb: 'a backup: test/e2e/backup.test.ts',
  pg_restore: 'a backup: test/e2e/backup.test.ts',
  export: 'test/e2e/examples.test.ts',
  python3: 'test/e2e/examples.test.ts',
  bash: 'test/e2e/examples.test.ts',
  node: 'test/e2e/examples.test.ts',
};

it('every line of a shell block is run, checked, or has a reason here', () => {
  const unknown = blocks.flatMap(({ page, line, language, text }) =>
    language !== 'sh' ? [] : programsOf(text).flatMap((name) => (programs[name] ? [] : [`${page}:${line} ${name}`])),
  );
  expect(unknown).toEqual([]);
});

it('every script of npm that the documents run is in package.json', async () => {
  const { scripts } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const named = texts.flatMap(({ page, text }) =>
    [...text.matchAll(/npm run (?:--silent )?([\w:]+)(?! -w)(?=[^\w:])(?!.* -w )/g)].map(([, name = '']) => ({
      page,
      name,
    })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ name }) => scripts[name] === undefined)).toEqual([]);
});

it('every block of JSON and JavaScript parses', () => {
  const faults: string[] = [];
  for (const { page, line, language, text } of blocks) {
    try {
      // A block may have several values, one a line.
      if (language === 'json') for (const value of text.trim().split(/\n(?=\{)/)) JSON.parse(value);
      const body = text.replaceAll(/^import .*$/gm, '');
      if (language === 'js') Object.getPrototypeOf(async () => {}).constructor(body);
    } catch (error) {
      faults.push(`${page}:${line} ${error}`);
    }
  }
  expect(faults).toEqual([]);
});

/** The program whose commands do nothing. */
function idleProgram() {
  const program = buildProgram(new Context(captureTerminal().terminal, {}));
  const visit = (command: typeof program): void => {
    if (command.commands.length === 0 || command.registeredArguments.length > 0) command.action(() => undefined);
    command.commands.forEach(visit);
  };
  visit(program);
  return program;
}

/** What the command line says of a command; null where it can be run. */
async function faultOf(words: readonly string[]): Promise<{ code: string; message: string } | null> {
  try {
    await idleProgram().parseAsync([...words], { from: 'user' });
    return null;
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string };
    return ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(code) ? null : { code, message };
  }
}

describe('every command of the documents', () => {
  it('in a block is one that the command line takes', async () => {
    const found = blocks.flatMap(({ page, line, text }) =>
      commandsOf(text).map((words) => ({ where: `${page}:${line}`, words })),
    );
    expect(found.length).toBeGreaterThan(40);
    const faults: string[] = [];
    for (const { where, words } of found) {
      const fault = await faultOf(words);
      if (fault) faults.push(`${where} trainyard ${words.join(' ')}: ${fault.message}`);
    }
    expect(faults).toEqual([]);
  });

  it('in a sentence names commands and options that there are', async () => {
    const found = texts.flatMap(({ page, text }) =>
      inlineOf(text).flatMap((code) => commandsOf(code).map((words) => ({ page, words }))),
    );
    expect(found.length).toBeGreaterThan(20);
    // A sentence names a command without its arguments.
    const short = /missingArgument|optionMissingArgument|missingMandatoryOptionValue/;
    const faults: string[] = [];
    for (const { page, words } of found) {
      const fault = await faultOf(words);
      if (fault && !short.test(fault.code)) faults.push(`${page} trainyard ${words.join(' ')}: ${fault.message}`);
    }
    expect(faults).toEqual([]);
  });
});

/** Calls of curl whose answer here is no success, by a part of them. */
const refusals: [part: string, status: string, why: string][] = [
  ['curves.svg', '404', 'the job of this test has no epoch'],
  ['/aliases/', '404', 'there is no such alias'],
  ['checkpoints/best/test', '404', 'the job of this test has no checkpoint'],
  ['checkpoints/best/predict', '404', 'the job of this test has no checkpoint'],
  ['/v1/imports/imp_', '404', 'there is no such import'],
  ['/v1/predictions/prd_', '404', 'there is no such prediction'],
  ['/v1/predictions -H', '404', 'the job of this test has no checkpoint'],
];

it('every curl of the documents gets the answer that it should', async () => {
  const { port } = service.app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const etag = (await service.agent.get(`/v1/jobs/${jobId}`)).headers.etag;
  const key = service.admin.secret;
  const env = { ...process.env, SERVICE: url, KEY: key, TRAINYARD_API_KEY: key, ID: jobId, ETAG: etag };
  const calls = blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ page, text }) => curlsOf(text).map((call) => ({ page, call })));
  expect(calls.length).toBeGreaterThan(8);
  const faults: string[] = [];
  const report = `curl() { command curl -s -o answer -w '%{http_code}' "$@"; }\n`;
  for (const { page, call } of calls) {
    const here = call
      .replaceAll(/(http:\/\/)?(localhost|127\.0\.0\.1):4600/g, url)
      .replaceAll('imp_…', `imp_${'0'.repeat(26)}`)
      .replaceAll('prd_…', `prd_${'0'.repeat(26)}`);
    const status = await run('bash', ['-c', report + here], folder, env);
    const expected = refusals.find(([part]) => call.includes(part))?.[1] ?? '2..';
    if (new RegExp(`^${expected}$`).test(status)) continue;
    faults.push(`${page}: ${call}\n${status} ${(await readFile(path.join(folder, 'answer'), 'utf8')).slice(0, 500)}`);
  }
  expect(faults.join('\n')).toBe('');
});

it('every call that a sentence or a table names is in the OpenAPI document', async () => {
  const { body } = await service.agent.get('/openapi.json').expect(200);
  const routes = Object.entries(body.paths as Record<string, object>).flatMap(([route, operations]) =>
    Object.keys(operations).map((method) => ({
      method: method.toUpperCase(),
      pattern: new RegExp(`^${route.replaceAll(/[.+]/g, '\\$&').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
      parameters: new Set(
        ((operations as Record<string, { parameters?: { name: string }[] }>)[method]?.parameters ?? []).map(
          ({ name }) => name,
        ),
      ),
    })),
  );
  const faults: string[] = [];
  let checked = 0;
  for (const { page, code } of texts.flatMap(({ page, text }) => inlineOf(text).map((code) => ({ page, code })))) {
    const [, method = '', target = ''] = /^(GET|POST|PUT|PATCH|DELETE) (\/v1\/\S+)/.exec(code) ?? [];
    if (target === '') continue;
    checked += 1;
    const [route = '', query = ''] = target.split('?');
    const matching = routes.filter((each) => each.method === method && each.pattern.test(route));
    if (matching.length === 0) faults.push(`${page}: ${code}: no such route`);
    const names = [...new URLSearchParams(query).keys()];
    const unknown = names.filter((name) => !matching.some(({ parameters }) => parameters.has(name)));
    faults.push(...unknown.map((name) => `${page}: ${code}: no parameter ${name}`));
  }
  expect(faults).toEqual([]);
  expect(checked).toBeGreaterThan(30);
});
