import { imagesIn, type LayoutExample } from './example.js';

const trained = { ...imagesIn('train/cat', 3), ...imagesIn('train/dog', 3) };
const tested = { ...imagesIn('test/cat', 1), ...imagesIn('test/dog', 1) };

export const classFolderExamples: LayoutExample[] = [
  {
    title: 'Split folders with class folders',
    files: { ...trained, ...tested },
    expected: { classes: ['cat', 'dog'], train: 6, validation: 0, test: 2, says: [] },
  },
  {
    title: 'With a validation split of its own (val, valid, validation or dev)',
    files: { ...trained, ...imagesIn('valid/cat', 1), ...imagesIn('valid/dog', 1), ...tested },
    expected: { classes: ['cat', 'dog'], train: 6, validation: 2, test: 2, says: ['valid/ is the validation split'] },
  },
  {
    title: 'Without a test split',
    files: {
      ...imagesIn('train/cat', 5),
      ...imagesIn('train/dog', 5),
      ...imagesIn('val/cat', 2),
      ...imagesIn('val/dog', 2),
    },
    expected: {
      classes: ['cat', 'dog'],
      train: 8,
      validation: 4,
      test: 2,
      says: ['has no test split', 'val/ is the validation'],
    },
  },
  {
    title: 'Class folders alone',
    files: { ...imagesIn('cat', 10), ...imagesIn('dog', 5) },
    expected: {
      classes: ['cat', 'dog'],
      train: 12,
      validation: 0,
      test: 3,
      says: ['split by seed 1 into 80 % train, 20 % test'],
    },
  },
  {
    title: 'Other names of split folders',
    files: {
      ...imagesIn('seg_train/seg_train/forest', 2),
      ...imagesIn('seg_train/seg_train/sea', 2),
      ...imagesIn('seg_test/seg_test/forest', 1),
      ...imagesIn('seg_test/seg_test/sea', 1),
    },
    expected: { classes: ['forest', 'sea'], train: 4, validation: 0, test: 2, says: ['seg_test/ is the test split'] },
  },
  {
    title: 'Splits within the class folders',
    files: {
      ...imagesIn('fruit/apple/Train', 2),
      ...imagesIn('fruit/apple/Test', 1),
      ...imagesIn('fruit/pear/Train', 2),
      ...imagesIn('fruit/pear/Test', 1),
    },
    expected: { classes: ['apple', 'pear'], train: 4, validation: 0, test: 2, says: ['Test/ is the test split'] },
  },
  {
    title: 'Folders around the set, and other files beside it',
    files: {
      ...Object.fromEntries(Object.keys({ ...trained, ...tested }).map((path) => [`archive/pets/${path}`, null])),
      'archive/README.md': 'about',
      'archive/pets/labels.txt': 'cat\ndog\n',
      'archive/pets/train/cat/notes.txt': 'blurred',
      'archive/preview.png': null,
    },
    expected: {
      classes: ['cat', 'dog'],
      train: 6,
      validation: 0,
      test: 2,
      says: ['1 images beside the split folders', '1 files among the images are none by their names (.txt)'],
    },
  },
  {
    title: 'Folders within the class folders',
    files: {
      ...imagesIn('train/cat/monday', 2),
      ...imagesIn('train/cat/friday', 1),
      ...imagesIn('train/dog', 3),
      ...tested,
    },
    expected: {
      classes: ['cat', 'dog'],
      train: 6,
      validation: 0,
      test: 2,
      says: ['3 images are in folders within a class folder'],
    },
  },
  {
    title: 'A test split without labels, as competitions have it',
    files: { ...imagesIn('train/cat', 5), ...imagesIn('train/dog', 5), ...imagesIn('test', 4) },
    expected: {
      classes: ['cat', 'dog'],
      train: 8,
      validation: 0,
      test: 2,
      says: ['its 4 images have no labels', 'no test split'],
    },
  },
  {
    title: 'Classes that differ only in case',
    files: { ...imagesIn('train/Cat', 2), ...imagesIn('train/cat', 2), ...imagesIn('test/cat', 1) },
    expected: {
      classes: ['Cat', 'cat'],
      train: 4,
      validation: 0,
      test: 1,
      says: ['"Cat" and "cat" differ only in case'],
    },
  },
];
