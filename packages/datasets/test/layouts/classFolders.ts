import { images, imagesIn, type LayoutExample } from './example.js';

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
  {
    title: 'Classes whose names are written in another way in the test split',
    files: { ...trained, ...imagesIn('test/Cat', 1), ...imagesIn('test/DOG ', 1) },
    expected: {
      classes: ['cat', 'dog'],
      train: 6,
      validation: 0,
      test: 2,
      says: ['"Cat" and "cat" differ only in case or blanks and are in different splits; both are the class cat'],
    },
  },
  {
    title: 'Classes whose letters are encoded in two ways',
    files: { ...imagesIn('train/caf\u00e9', 2), ...imagesIn('train/tea', 2), ...imagesIn('test/cafe\u0301', 1) },
    expected: {
      classes: ['caf\u00e9', 'tea'],
      train: 4,
      validation: 0,
      test: 1,
      says: [],
    },
  },
  {
    title: 'Class folders of two levels',
    files: {
      ...imagesIn('animals/cat', 5),
      ...imagesIn('animals/dog', 5),
      ...imagesIn('plants/rose', 5),
      ...imagesIn('plants/fern', 5),
    },
    expected: {
      classes: ['animals', 'plants'],
      train: 16,
      validation: 0,
      test: 4,
      says: ['if the lower folders are the classes, move them up', 'split by seed'],
    },
  },
  {
    title: 'The name of the set in the split folders',
    files: {
      ...imagesIn('pets_train/pets_train/cat', 2),
      ...imagesIn('pets_train/pets_train/dog', 2),
      ...imagesIn('pets_test/cat', 1),
      ...imagesIn('pets_test/dog', 1),
    },
    expected: { classes: ['cat', 'dog'], train: 4, validation: 0, test: 2, says: ['pets_test/ is the test split'] },
  },
  {
    title: 'Class and split in one folder name',
    files: {
      ...imagesIn('cats_train', 2),
      ...imagesIn('dogs_train', 2),
      ...imagesIn('cats_test', 1),
      ...imagesIn('dogs_test', 1),
    },
    expected: {
      classes: ['cats', 'dogs'],
      train: 4,
      validation: 0,
      test: 2,
      says: ['cats_test/, dogs_test/ is the test split'],
    },
  },
  {
    title: 'Splits within a split folder',
    files: {
      ...imagesIn('training/train/cat', 2),
      ...imagesIn('training/train/dog', 2),
      ...imagesIn('training/val/cat', 1),
      ...imagesIn('training/val/dog', 1),
      ...imagesIn('testing/cat', 1),
      ...imagesIn('testing/dog', 1),
    },
    expected: { classes: ['cat', 'dog'], train: 4, validation: 2, test: 2, says: ['val/ is the validation split'] },
  },
  {
    title: 'A class that is called like a split',
    files: { ...imagesIn('bus', 5), ...imagesIn('car', 5), ...imagesIn('train', 5) },
    expected: { classes: ['bus', 'car', 'train'], train: 12, validation: 0, test: 3, says: ['split by seed 1'] },
  },
  {
    title: 'Valid and invalid as classes',
    files: {
      ...imagesIn('train/valid', 2),
      ...imagesIn('train/invalid', 2),
      ...imagesIn('test/valid', 1),
      ...imagesIn('test/invalid', 1),
    },
    expected: { classes: ['invalid', 'valid'], train: 4, validation: 0, test: 2, says: [] },
  },
  {
    title: 'Class folders within a folder of images, and annotations beside it',
    files: {
      ...imagesIn('Images/n02085620-Chihuahua', 5),
      ...imagesIn('Images/n02085782-Japanese_spaniel', 5),
      'Annotation/n02085620-Chihuahua/1': '<annotation/>',
      'Annotation/n02085782-Japanese_spaniel/1': '<annotation/>',
    },
    expected: {
      classes: ['n02085620-Chihuahua', 'n02085782-Japanese_spaniel'],
      train: 8,
      validation: 0,
      test: 2,
      says: ['2 files without an extension have the names of images', 'split by seed'],
    },
  },
  {
    title: 'Class folders with masks of the images',
    files: {
      ...images('benign/a.png', 'benign/b.png', 'benign/a_mask.png', 'normal/a.png', 'normal/b.png'),
    },
    expected: {
      classes: ['benign', 'normal'],
      train: 2,
      validation: 0,
      test: 2,
      says: ['1 files are masks of other images by their names (like benign/a_mask.png)', 'split by seed'],
    },
  },
];
