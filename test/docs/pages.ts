import { execFileSync } from 'node:child_process';

/** The documents that users and contributors read. The changelog has calls as they were. */
export async function pages(root: string): Promise<string[]> {
  const files = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  return files.filter((file) => file !== 'CHANGELOG.md');
}

export interface Block {
  /** Of its first line, from 1. */
  line: number;
  /** As it stands after the three backticks. */
  language: string;
  text: string;
}

export function blocksOf(page: string): Block[] {
  const found = page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
  return [...found].map(({ index, 1: language = '', 2: text = '' }) => ({
    line: page.slice(0, index).split('\n').length + 1,
    language,
    text,
  }));
}

/** Code in sentences and tables; a line break in it is a blank. */
export function inlineOf(page: string): string[] {
  const prose = page.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll(/\s+/g, ' '));
}

/** The words after `trainyard` of each command of the command line in a script. */
export function commandsOf(script: string): string[][] {
  const lines = script.replaceAll(/\\\n/g, ' ').split('\n');
  return lines.flatMap((line) => partsOf(line).flatMap((words) => commandOf(words)));
}

function commandOf(words: string[]): string[][] {
  const [first, second, ...rest] = words;
  if (first === 'npx' && second === 'trainyard') return [rest];
  return first === 'trainyard' && second !== undefined ? [[second, ...rest]] : [];
}

/** Each call of curl at the start of a line, with the lines of a quoted body. */
export const curlsOf = (script: string): string[] => script.match(/^curl (?:'[^']*'|"[^"]*"|\\\n|[^'"\n])*/gm) ?? [];

/** The first word of each line of a script that begins a command. */
export function programsOf(script: string): string[] {
  const rest = curlsOf(script).reduce((text, call) => text.replace(call, ''), script);
  const lines = rest.replaceAll(/\\\n/g, ' ').split('\n');
  return lines.flatMap((line) => partsOf(line).flatMap(([first]) => (first && first !== '#' ? [first] : [])));
}

/** A line of a shell as commands of words: without its comment, parted at `|`, `&&` and `;`. */
function partsOf(line: string): string[][] {
  const parts: string[][] = [[]];
  const tokens = /\s#.*$|'([^']*)'|"([^"]*)"|(\|\||&&|[|;])|([^\s'"|;&]+)/g;
  for (const [token, single, double, end, plain] of line.matchAll(tokens)) {
    if (/^\s#/.test(token)) break;
    if (end !== undefined) parts.push([]);
    else parts.at(-1)?.push(filled(single ?? double ?? plain ?? ''));
  }
  return parts;
}

/** A word with an id in place of what stands for one. */
const filled = (word: string): string =>
  word.replace(/^(\$ID|<job>)$/, `job_${'0'.repeat(26)}`).replace(/^(\w+_)…$/, `$1${'0'.repeat(26)}`);
