import { hasImageExtension } from '../images/imageFiles.js';
import type { Importer } from '../listing.js';
import { inChild } from '../tables/inChild.js';
import { listTables } from '../tables/listTables.js';

const format = inChild('parquet', 'Parquet file');

/** A table beside image files, which names their classes, is no set of its own. */
const isTable = (path: string): boolean => /\.parquet$/i.test(path) && !/(?:^|\/)metadata\.parquet$/i.test(path);

/** Parquet files with a column of images, as the hub of Hugging Face has them. */
export const parquet: Importer = {
  title: 'Parquet files with a column of images',
  recognises({ files }) {
    let tables = 0;
    let images = 0;
    for (const { path, bytes } of files) {
      if (isTable(path)) tables += bytes;
      else if (hasImageExtension(path)) images += bytes;
    }
    return tables > images;
  },
  list: (archive, options) => {
    const paths = archive.files.map(({ path }) => path).filter(isTable);
    return listTables(archive, format, paths, options);
  },
};
