import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(fileURLToPath(new URL(file, root)), 'utf8');

/** Rows of the threat tables in docs/security.md. The last cell of each is a test file and the name of a test in it. */
const [, threats = ''] = read('docs/security.md').split('## Threats');
const rows = [...threats.matchAll(/^\|(.*)\|$/gm)]
  .map(([, row = '']) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  .filter(([first]) => first !== 'threat' && !first?.startsWith('---'))
  .map(([threat = '', guard = '', test = '']) => ({ threat, guard, test }));

describe('the threat model', () => {
  it('has at least thirty threats', () => {
    expect(rows.length).toBeGreaterThanOrEqual(30);
  });

  it.each(rows)('has the test that it names for: $threat', ({ guard, test }) => {
    expect(guard).not.toBe('');
    const [, file = '', name = ''] = /^`([^`]+)` "(.+)"$/.exec(test) ?? [];
    const source = read(file);
    const quoted = ["'", '`'].map((quote) => `${quote}${name}${quote}`);
    expect(
      quoted.some((text) => source.includes(text)),
      `${file} has no test ${name}`,
    ).toBe(true);
  });
});
