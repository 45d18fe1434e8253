import type { LayoutExample } from '../layouts/example.js';

/** The part of a page between `<!-- name -->` and `<!-- end of name -->`. */
export function partOf(page: string, name: string): string {
  const [, part] = page.split(`<!-- ${name} -->\n`);
  const [text, ...rest] = (part ?? '').split(`<!-- end of ${name} -->`);
  if (text === undefined || rest.length !== 1) throw new Error(`docs/data.md has no part ${name}`);
  return text;
}

export function withPart(page: string, name: string, text: string): string {
  const around = (part: string) => `<!-- ${name} -->\n${part}<!-- end of ${name} -->`;
  return page.replace(around(partOf(page, name)), () => around(text));
}

/** Layouts of one group, below its title. */
export const groupText = ({ title, examples }: { title: string; examples: LayoutExample[] }): string =>
  `### ${title}\n\n${examples.map(layoutText).join('')}`;

/** A layout as the page shows it: title, files and outcome. */
function layoutText({ title, files, expected }: LayoutExample): string {
  const { classes, train, validation, test, says } = expected;
  const splits = [`${train} train`, ...(validation > 0 ? [`${validation} validation`] : []), `${test} test`];
  const outcome = `${classes.map((name) => `\`${name}\``).join(', ')}: ${splits.join(', ')}.`;
  const said = says.map((text) => `*${text.replaceAll(/[*_<>]/g, '\\$&')}*`);
  return [
    `#### ${title}`,
    '',
    '```text',
    ...fileLines(files),
    '```',
    '',
    outcome,
    ...(said.length > 0 ? [`It says: ${said[0]}${said.length > 1 ? ',' : ''}`] : []),
    ...said.slice(1).map((text, i) => `${text}${i < said.length - 2 ? ',' : ''}`),
    '',
    '',
  ].join('\n');
}

/** Images of a folder in one line, each other file with its first lines. */
function fileLines(files: LayoutExample['files']): string[] {
  const folders = new Map<string, string[]>();
  const texts: string[] = [];
  for (const [path, content] of Object.entries(files)) {
    const slash = path.lastIndexOf('/') + 1;
    const folder = path.slice(0, slash);
    if (content === null) folders.set(folder, [...(folders.get(folder) ?? []), path.slice(slash)]);
    else texts.push(path, ...firstLines(content.toString()).map((line) => `    ${line}`));
  }
  const images = [...folders].map(([folder, names]) =>
    names.length > 2 ? `${folder}${names[0]} ... ${names.at(-1)}` : `${folder}${names.join(', ')}`,
  );
  return [...images, ...texts];
}

function firstLines(content: string): string[] {
  const lines = content.replace('\ufeff', '').trimEnd().split(/\r?\n/);
  return lines.length > 3 ? [...lines.slice(0, 2), '...'] : lines;
}

export const tableRow = (...cells: string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '\\<')).join(' | ')} |`;
