import { createHash } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readIdx } from '../../src/importers/arrays/idx.js';
import { readMatlab } from '../../src/importers/arrays/matlab.js';
import { readNpy } from '../../src/importers/arrays/npy.js';
import { DatasetStore, importAny, openPacked } from '../../src/index.js';
import { temporaryFolder } from '../makeArchives.js';

/** Sets that numpy, scipy, pickle and torchvision wrote, and what torchvision and numpy read back (make.py). */
const data = fileURLToPath(new URL('../data/arrays', import.meta.url));

interface Row {
  label: number;
  shape: number[];
  sha256: string;
}
type Expected = { classes: string[] | null } & Partial<Record<'train' | 'validation' | 'test', Row[]>>;
const expected: Record<string, Expected> = JSON.parse(await readFile(join(data, 'expected.json'), 'utf8'));

async function importData(path: string, options = {}) {
  const store = new DatasetStore(await temporaryFolder());
  const dataset = await importAny(store, join(data, path), options);
  return { dataset, packed: await openPacked(store.file(dataset)) };
}

const paths: Record<string, string> = {
  mnist: 'mnist',
  fashion: 'fashion',
  'cifar10-p2': 'cifar10-p2',
  'cifar10-p5': 'cifar10-p5',
  'cifar100-p4': 'cifar100-p4',
  stl10: 'stl10',
  svhn: 'svhn',
  'keras.npz': 'npz/keras.npz',
  'medmnist.npz': 'npz/medmnist.npz',
  'floats.npz': 'npz/floats.npz',
  'odd.npz': 'npz/odd.npz',
};

test('every set that the tools wrote is tried', () => {
  expect(Object.keys(paths).sort()).toEqual(Object.keys(expected).sort());
});

test.each(Object.entries(paths))(
  '%s has the images, labels and order that its own library reads',
  async (name, path) => {
    const { classes, ...splits } = expected[name] as Expected;
    const { dataset, packed } = await importData(path);
    if (classes !== null) expect(dataset.classes).toEqual(classes);
    const counts = { train: dataset.trainImages, validation: dataset.validationImages, test: dataset.testImages };
    const trainRows = [...(splits.train ?? []), ...(splits.validation ?? [])];
    for (const [section, rows] of [['train', trainRows] as const, ['test', splits.test ?? []] as const]) {
      const images = await packed.readImages(
        section,
        Array.from(rows, (_, i) => i),
      );
      const size = images.length / rows.length;
      expect([...(await packed.readLabels(section))]).toEqual(rows.map(({ label }) => label));
      for (const [i, { shape, sha256 }] of rows.entries()) {
        expect(dataset.imageShape).toEqual(shape.length === 2 ? [...shape, 1] : shape);
        const digest = createHash('sha256')
          .update(images.subarray(i * size, (i + 1) * size))
          .digest('hex');
        expect(digest).toBe(sha256);
      }
    }
    expect(counts).toEqual({
      train: splits.train?.length ?? 0,
      validation: splits.validation?.length ?? 0,
      test: splits.test?.length ?? 0,
    });
  },
);

test('only the original is called cifar10, the path says Fashion-MNIST, coarse labels can be chosen', async () => {
  expect((await importData('cifar10-p2')).dataset.name).toBe('cifar10-p2');
  expect((await importData('fashion')).dataset.classes).toContain('Ankle boot');
  expect((await importData('mnist')).dataset.classes).toEqual(['0', '1', '2']);
  const { dataset } = await importData('cifar100-p4', { labels: 'coarse' });
  expect(dataset.classes).toEqual(['ä', 'b', 'c']);
  await expect(importData('cifar100-p4', { labels: 'rough' })).rejects.toThrow('--labels coarse');
});

test('arrays without names are understood by their dimensions, and split by seed', async () => {
  const { dataset } = await importData('npz/unnamed.npz');
  expect(dataset).toMatchObject({ classes: ['0', '1', '2'], trainImages: 6, testImages: 3 });
  expect(dataset.notes[0]).toMatch(/split by seed/);
});

test('an .npz in a folder is read, several are refused by name, and Python objects are never read', async () => {
  const folder = await temporaryFolder();
  await cp(join(data, 'npz/keras.npz'), join(folder, 'set/mnist.npz'), { recursive: true });
  const store = new DatasetStore(join(folder, 'store'));
  expect(await importAny(store, join(folder, 'set'))).toMatchObject({ name: 'set', imageShape: [10, 12, 1] });
  await cp(join(data, 'npz/odd.npz'), join(folder, 'set/other.npz'));
  await expect(importAny(store, join(folder, 'set'))).rejects.toThrow(/several .npz files .*by its path/);
  await expect(importData('npz/objects.npz')).rejects.toThrow(/x_train.npy holds Python objects/);
});

test('images without labels, and labels of another set, are refused by name', async () => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'store'));
  await cp(join(data, 'mnist/MNIST/raw'), join(folder, 'set'), { recursive: true });
  const labels = join(folder, 'set/train-labels-idx1-ubyte');
  await writeFile(labels, await readFile(join(folder, 'set/t10k-labels-idx1-ubyte')));
  await expect(importAny(store, join(folder, 'set'))).rejects.toThrow(/12 images in train-images.*but 6 labels/);
  await expect(importAny(store, join(data, 'mnist/MNIST/raw/train-images-idx3-ubyte'))).rejects.toThrow(
    /has no labels/,
  );
  await expect(importAny(store, join(data, 'cifar10-p2/cifar-10-batches-py'), { classes: ['a', 'x'] })).rejects.toThrow(
    'no class x',
  );
});

test('a MATLAB 7.3 file is refused with the remedy', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'train_32x32.mat');
  await writeFile(file, `MATLAB 7.3 MAT-file${' '.repeat(600)}`);
  const store = new DatasetStore(join(folder, 'store'));
  await expect(importAny(store, file)).rejects.toThrow(/MATLAB 7\.3 \(HDF5\) file; save it with the option -v7/);
});

test('damaged files never do more than being refused', async () => {
  const files = [
    { bytes: await readFile(join(data, 'mnist/MNIST/raw/t10k-images-idx3-ubyte')), read: readIdx },
    { bytes: await readFile(join(data, 'svhn/test_32x32.mat')), read: readMatlab },
    { bytes: await readFile(join(data, 'svhn/train_32x32.mat')), read: readMatlab },
    { bytes: npyOf("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24), read: readNpy },
  ];
  const damage = fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      damage,
      fc.double({ min: 0, max: 1, noNaN: true }),
      ({ bytes, read }, changes, keep) => {
        const copy = Buffer.from(bytes.subarray(0, Math.ceil(bytes.length * (keep < 0.5 ? keep : 1))));
        // Most changes hit the header, where the sizes are.
        for (const [place, value] of changes) copy[Math.floor(place * Math.min(copy.length, 200))] = value;
        try {
          read(copy, 'a file');
        } catch (error) {
          expect((error as Error).name).toBe('InvalidInputError');
        }
      },
    ),
    { numRuns: 2000, seed: 5 },
  );
});

function npyOf(header: string, bytes: number): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\0', 'latin1'), length, Buffer.from(header), Buffer.alloc(bytes, 1)]);
}
