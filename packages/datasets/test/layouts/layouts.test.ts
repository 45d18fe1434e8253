import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DatasetStore, importAny } from '../../src/index.js';
import { makeFolder, makeZip, temporaryFolder } from '../makeArchives.js';
import { filesOf } from './filesOf.js';
import { layoutGroups } from './index.js';

const examples = layoutGroups.flatMap((group) => group.examples);

test.each(examples)('$title: from a folder and from a zip', async (example) => {
  const root = await temporaryFolder();
  const store = new DatasetStore(join(root, 'store'));
  const files = await filesOf(example);
  const { classes, train, validation, test: tested, says } = example.expected;
  const dataset = await importAny(store, await makeFolder(join(root, 'from-folder'), files));
  expect(dataset).toMatchObject({ classes, trainImages: train, validationImages: validation, testImages: tested });
  const said = [...dataset.notes, ...dataset.warnings];
  for (const text of says) expect(said.join('\n')).toContain(text);
  if (says.length === 0) expect(dataset.notes).toEqual([]);
  const zipped = await importAny(store, await makeZip(join(root, 'from-zip.zip'), files));
  expect(zipped.digest).toBe(dataset.digest);
});
