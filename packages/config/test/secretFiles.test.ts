import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '@trainyard/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'trainyard-secrets-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

const values = {
  DATABASE_URL: 'postgresql://user:password@host:5432/database',
  REDIS_URL: 'redis://:password@host:6379',
  TRAINYARD_API_KEY: 'ty_secret',
};
const names = Object.keys(values) as (keyof typeof values)[];

describe.each(names)('%s_FILE', (name) => {
  const variable = `${name}_FILE`;
  const expected = loadConfig({ [name]: values[name] });

  it.each(['', '\n', '\r\n', '\n\n'])('names a file that ends with %j', (end) => {
    expect(loadConfig({ [variable]: write('secret', values[name] + end) })).toEqual(expected);
  });

  it('counts as absent when it is empty, and so does an empty variable beside it', () => {
    expect(loadConfig({ [variable]: '', [name]: values[name] })).toEqual(expected);
    expect(loadConfig({ [variable]: write('secret', values[name]), [name]: '' })).toEqual(expected);
  });

  it('is refused beside the variable itself, without showing either value', () => {
    const both = { [variable]: write('secret', values[name]), [name]: values[name] };
    expect(() => loadConfig(both)).toThrowError(`${variable} and ${name} are both set; leave one of them out`);
  });

  it('is refused with the reason when it names nothing that can be read', () => {
    const refusal = (file: string) => () => loadConfig({ [variable]: file });
    expect(refusal('/nonexistent/secret')).toThrowError(
      `${variable} names a file that cannot be read (ENOENT): /nonexistent/secret`,
    );
    expect(refusal(folder)).toThrowError(`${variable} names a file that cannot be read (EISDIR): ${folder}`);
    expect(refusal(write('empty', '\n'))).toThrowError(/^\w+ names a file that is empty: /);
    expect(refusal(write('lines', 'first\nsecond\n'))).toThrowError(/^\w+ names a file with several lines; /);
  });
});

it('checks the content of a file as that of the variable', () => {
  expect(() => loadConfig({ REDIS_URL_FILE: write('url', 'host:6379\n') })).toThrowError(/^REDIS_URL must be/);
});
