import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Paths of the files of the repository, new ones included, that a person writes. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\n')
  .filter((file) => /\.(ts|mjs|cpp|h|mk|md|sh|py|yml|prisma)$|Makefile$|Dockerfile/.test(file));

/** This file contains the words that it searches for. */
const thisFile = path.relative(root, fileURLToPath(import.meta.url));
const generated = 'packages/executor-native/native/engine/ops.h';

/** The faulty lines with their places, one a line: a failure prints all of them. */
function faults(isFault: (line: string, file: string) => boolean): string {
  return files
    .filter((file) => file !== thisFile && file !== generated)
    .flatMap((file) =>
      readFileSync(path.join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, index) => (isFault(line, file) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
    )
    .join('\n');
}

test('no line is longer than 120 characters, comments and strings included', () => {
  const isTableRow = (line: string, file: string) => file.endsWith('.md') && line.startsWith('|');
  expect(faults((line, file) => line.length > 120 && !isTableRow(line, file))).toBe('');
});

test('text uses the words of the field: log, report, return, fix, again', () => {
  const privateWords = /\b(told|tells?|telling|mend(s|ed|ing)?|anew|nobody|whoever|letPass|openTheWay|persistently)\b/i;
  expect(faults((line) => privateWords.test(line))).toBe('');
});

test('no path is made of the pathname of a module: it has %20 for a blank', () => {
  const sources = files.filter((file) => /\.(ts|mjs|js)$/.test(file) && file !== thisFile);
  const wrong = sources.filter((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    return text.includes('import.meta') && /\.pathname\b/.test(text);
  });
  expect(wrong, 'use fileURLToPath').toEqual([]);
});

test('no source file has more than 250 lines without a reason at its top', () => {
  const sources = files.filter((file) => /\.(ts|mjs|cpp|h)$/.test(file));
  const long = sources.filter((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    return text.split('\n').length > 251 && file !== generated && !/Long because/.test(text.slice(0, 1500));
  });
  expect(long).toEqual([]);
});
