import { images, imagesIn, type LayoutExample } from './example.js';

const trained = { ...imagesIn('train/cat', 3), ...imagesIn('train/dog', 3) };

export const unusualFolderExamples: LayoutExample[] = [
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
    title: 'A test folder beside the class folders',
    files: {
      ...imagesIn('good', 3),
      ...imagesIn('bad', 3),
      ...imagesIn('test/good', 1),
      ...imagesIn('test/bad', 1),
    },
    expected: { classes: ['bad', 'good'], train: 6, validation: 0, test: 2, says: [] },
  },
  {
    title: 'A test folder without classes beside the class folders',
    files: { ...imagesIn('good', 5), ...imagesIn('bad', 5), ...imagesIn('test', 3) },
    expected: {
      classes: ['bad', 'good'],
      train: 8,
      validation: 0,
      test: 2,
      says: ['its 3 images have no labels', 'split by seed'],
    },
  },
  {
    title: 'Split folders in other languages',
    files: {
      ...imagesIn('训练集/猫', 2),
      ...imagesIn('训练集/狗', 2),
      ...imagesIn('测试集/猫', 1),
      ...imagesIn('测试集/狗', 1),
    },
    expected: { classes: ['狗', '猫'], train: 4, validation: 0, test: 2, says: ['测试集/ is the test split'] },
  },
  {
    title: 'Two folders with the same folders within',
    files: {
      ...imagesIn('old/cat', 5),
      ...imagesIn('old/dog', 5),
      ...imagesIn('new/cat', 5),
      ...imagesIn('new/dog', 5),
    },
    expected: {
      classes: ['new', 'old'],
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
