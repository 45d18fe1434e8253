import { readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImportOptions, importOptionsSchema, TrainyardError } from '@trainyard/contracts';
import { expect, test } from 'vitest';
import { importers } from '../../src/importers/index.js';
import { DatasetStore, importAny } from '../../src/index.js';
import { filesOf } from '../layouts/filesOf.js';
import { layoutGroups } from '../layouts/index.js';
import { makeFolder, temporaryFolder } from '../makeArchives.js';
import { type RefusedSource, refusedSources } from './errors.js';
import { groupText, partOf, tableRow, withPart } from './pageText.js';
import { type DoubtfulSource, doubtfulSources } from './warnings.js';

const file = join(import.meta.dirname, '../../../../docs/data.md');

/** `TRAINYARD_UPDATE_DOCS=1` writes the part instead, as it then has to be read by a person. */
function expectPart(name: string, text: string): void {
  const page = readFileSync(file, 'utf8');
  if (process.env.TRAINYARD_UPDATE_DOCS) writeFileSync(file, withPart(page, name, text));
  else expect(partOf(page, name)).toBe(text);
}

async function refusal({ what, files = {}, file: single, options }: RefusedSource): Promise<string> {
  const root = await temporaryFolder();
  const folder = await makeFolder(join(root, 'pets'), await filesOf({ files }));
  if (single) await writeFile(join(root, single[0]), single[1]);
  const source = what ?? (single ? join(root, single[0]) : folder);
  const error = await importAny(new DatasetStore(join(root, 'store')), source, options).catch((thrown) => thrown);
  expect(error, what ?? String(Object.keys(files))).toBeInstanceOf(TrainyardError);
  return error.message.replaceAll(`${root}/`, '');
}

async function warning({ files, options, word }: DoubtfulSource): Promise<string> {
  const root = await temporaryFolder();
  const folder = await makeFolder(join(root, 'pets'), await filesOf({ files }));
  const { warnings } = await importAny(new DatasetStore(join(root, 'store')), folder, options as ImportOptions);
  const found = warnings.filter((text) => text.includes(word));
  expect(found, `${word} in ${warnings.join('\n')}`).toHaveLength(1);
  return String(found[0]);
}

test('every layout that the tests import is on the page, with what becomes of it, and no other', () => {
  expectPart('layouts', `\n${layoutGroups.map(groupText).join('')}`);
});

test('the page has each error as it is thrown', async () => {
  const rows = [tableRow('when', 'message'), '|---|---|'];
  for (const source of refusedSources) rows.push(tableRow(source.when, await refusal(source)));
  expectPart('errors', `\n${rows.join('\n')}\n\n`);
});

test('the page has each warning as it is given', async () => {
  const rows = [tableRow('when', 'warning'), '|---|---|'];
  for (const source of doubtfulSources) rows.push(tableRow(source.when, await warning(source)));
  expectPart('warnings', `\n${rows.join('\n')}\n\n`);
});

test('the page has every option of an import and every kind of source', () => {
  const page = readFileSync(file, 'utf8');
  const flags = Object.keys(importOptionsSchema.shape).map((name) =>
    name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  );
  const rows = [...partOf(page, 'options').matchAll(/^\| `--([a-z-]+)/gm)].map(([, flag]) => flag);
  expect(rows.sort()).toEqual(flags.sort());
  for (const { title } of importers) expect(page).toContain(title);
});
