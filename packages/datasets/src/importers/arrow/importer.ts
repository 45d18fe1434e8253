import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../archives/archive.js';
import { baseName } from '../images/imageFiles.js';
import type { Importer } from '../listing.js';
import { inChild } from '../tables/inChild.js';
import { listTables } from '../tables/listTables.js';

const format = inChild('arrow', 'Arrow file');

/** Without the results of `map` and `filter` that the library datasets keeps beside a set. */
const isTable = (path: string): boolean =>
  /\.arrow$/i.test(path) && !/^(?:cache|tmp|indices)[-_.]|^indices\.arrow$/.test(baseName(path));

/** Sets that the library `datasets` of Hugging Face wrote by `save_to_disk`, or keeps in its cache. */
export const arrow: Importer = {
  title: 'Arrow files of the library datasets (save_to_disk)',
  recognises: ({ files }) => files.some(({ path }) => isTable(path)),
  async list(archive, options) {
    await refuseSelections(archive);
    const paths = archive.files.map(({ path }) => path).filter(isTable);
    return listTables(archive, format, paths, options);
  },
};

/** Old versions stored a selection of rows as their indices beside all rows, so that others would be read. */
async function refuseSelections(archive: Archive): Promise<void> {
  for await (const file of archive.read((path) => baseName(path) === 'state.json')) {
    const text = (await file.read()).toString('utf8');
    if (!/"_indices_(?:data_)?files"\s*:\s*\[\s*[^\]\s]/.test(text)) continue;
    const remedy = 'call flatten_indices() before save_to_disk';
    throw new InvalidInputError(`${archive.path}: ${file.path} selects rows by a list of indices; ${remedy}`);
  }
}
