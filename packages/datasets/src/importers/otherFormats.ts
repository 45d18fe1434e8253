import { extensionOf } from './images/imageFiles.js';

const asParquet = 'load it with its own library and write it with Hugging Face datasets (to_parquet, save_to_disk)';
const asNumpy = 'save it as numpy.savez(file, x_train=..., y_train=..., x_test=..., y_test=...)';

/** Formats of image sets that are not read: by the extension of a file, what it is and what to do instead. */
const formats: Record<string, [what: string, remedy: string]> = {
  tfrecord: ['TFRecord files', asParquet],
  tfrecords: ['TFRecord files', asParquet],
  riegeli: ['Riegeli files', asParquet],
  lance: ['a Lance dataset', asParquet],
  mdb: ['an LMDB database', asParquet],
  beton: ['an FFCV file', asParquet],
  mds: ['MosaicML shards', asParquet],
  h5: ['an HDF5 file', asNumpy],
  hdf5: ['an HDF5 file', asNumpy],
  mat: ['a MATLAB file that is not SVHN', asNumpy],
  pt: ['a PyTorch file', `its contents can be any Python object; ${asNumpy}`],
  pth: ['a PyTorch file', `its contents can be any Python object; ${asNumpy}`],
  pkl: ['a Python pickle', `its contents can be any Python object; ${asNumpy}`],
  rec: ['RecordIO files', asParquet],
  zarr: ['a Zarr store', asNumpy],
};

/** Why a source in a well-known format is not read, and what to do; null: it is in none of these. */
export function otherFormat(paths: string[]): string | null {
  for (const path of paths) {
    // `set-train.tfrecord-00000-of-00010` and `a.lance/data/1.bin` have the extension within.
    const inName = /\.(tfrecords?|lance|zarr)(?:[-/]|$)/i.exec(path)?.[1]?.toLowerCase();
    const format = formats[inName ?? extensionOf(path)];
    if (format !== undefined) return `${path} belongs to ${format[0]}, which cannot be read here: ${format[1]}`;
  }
  return null;
}
