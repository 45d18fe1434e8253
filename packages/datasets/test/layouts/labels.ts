import { images, imagesIn, type LayoutExample, lines, rows } from './example.js';

const catOrDog = (i: number): string => (i % 2 === 0 ? 'cat' : 'dog');

export const labelExamples: LayoutExample[] = [
  {
    title: 'Kaggle: ids without extension in labels.csv, and a test split without labels',
    files: {
      ...imagesIn('train', 10),
      ...imagesIn('test', 3),
      'labels.csv': lines('id,breed', ...rows(10, (i) => `${i},${catOrDog(i)}`)),
      'sample_submission.csv': lines('id,breed', '1,cat', '2,cat', '3,cat'),
    },
    expected: {
      classes: ['cat', 'dog'],
      train: 8,
      validation: 0,
      test: 2,
      says: ['labels.csv names the classes (column breed)', 'its 3 images have no labels', 'no test split'],
    },
  },
  {
    title: 'Kaggle: train.csv and test.csv beside a folder of images',
    files: {
      ...images(...rows(12, (i) => `images/Train_${i}.png`), ...rows(3, (i) => `images/Test_${i}.png`)),
      'train.csv': lines('image_id,healthy,rust', ...rows(12, (i) => `Train_${i},${i % 2},${1 - (i % 2)}`)),
      'test.csv': lines('image_id', ...rows(3, (i) => `Test_${i}`)),
    },
    expected: {
      classes: ['healthy', 'rust'],
      train: 10,
      validation: 0,
      test: 2,
      says: ['train.csv names the classes by a column for each', 'its 3 images have no labels'],
    },
  },
  {
    title: 'Hugging Face imagefolder: metadata.csv in each split',
    files: {
      ...imagesIn('train', 4),
      ...imagesIn('test', 2),
      'train/metadata.csv': lines('file_name,label', ...rows(4, (i) => `${i}.png,${catOrDog(i)}`)),
      'test/metadata.csv': lines('file_name,label', ...rows(2, (i) => `${i}.png,${catOrDog(i)}`)),
    },
    expected: {
      classes: ['cat', 'dog'],
      train: 4,
      validation: 0,
      test: 2,
      says: ['train/metadata.csv names the classes (column label)', 'test/metadata.csv names'],
    },
  },
  {
    title: 'Hugging Face imagefolder: metadata.jsonl',
    files: {
      ...imagesIn('data/train', 4),
      ...imagesIn('data/validation', 2),
      ...imagesIn('data/test', 2),
      'data/train/metadata.jsonl': lines(...rows(4, (i) => `{"file_name":"${i}.png","label":"${catOrDog(i)}"}`)),
      'data/validation/metadata.jsonl': lines(...rows(2, (i) => `{"file_name":"${i}.png","label":"${catOrDog(i)}"}`)),
      'data/test/metadata.jsonl': lines(...rows(2, (i) => `{"file_name":"${i}.png","label":"${catOrDog(i)}"}`)),
    },
    expected: { classes: ['cat', 'dog'], train: 4, validation: 2, test: 2, says: ['metadata.jsonl names the classes'] },
  },
  {
    title: 'Roboflow: _classes.csv in each split, with a column for each class',
    files: {
      ...imagesIn('train', 4),
      ...imagesIn('valid', 2),
      ...imagesIn('test', 2),
      'train/_classes.csv': lines('filename, cat, dog', ...rows(4, (i) => `${i}.png, ${1 - (i % 2)}, ${i % 2}`)),
      'valid/_classes.csv': lines('filename, cat, dog', ...rows(2, (i) => `${i}.png, ${1 - (i % 2)}, ${i % 2}`)),
      'test/_classes.csv': lines('filename, cat, dog', ...rows(2, (i) => `${i}.png, ${1 - (i % 2)}, ${i % 2}`)),
    },
    expected: {
      classes: ['cat', 'dog'],
      train: 4,
      validation: 2,
      test: 2,
      says: ['train/_classes.csv names the classes by a column for each', 'valid/ is the validation split'],
    },
  },
  {
    title: 'Paths, labels and splits in one file, as Excel writes it (semicolons, byte order mark)',
    files: {
      ...imagesIn('pictures/a', 6),
      ...imagesIn('pictures/b', 2),
      'list.csv': `\ufeff${[
        'Number;Path;Label;Split',
        ...rows(6, (i) => `${i};"pictures\\a\\${i}.png";${catOrDog(i)};train`),
        ...rows(2, (i) => `${i + 6};C:\\sets\\pictures\\b\\${i}.png;${catOrDog(i)};test`),
      ].join('\r\n')}`,
    },
    expected: {
      classes: ['cat', 'dog'],
      train: 6,
      validation: 0,
      test: 2,
      says: ['list.csv names the classes (column Label)', 'list.csv names the splits (column Split)'],
    },
  },
  {
    title: 'Lists of paths and numbers, with the names of the classes',
    files: {
      ...imagesIn('images', 8),
      'train.txt': lines(...rows(6, (i) => `images/${i}.png ${i % 2}`)),
      'val.txt': lines('images/7.png 1', 'images/8.png 0'),
      'classes.txt': lines('spoon', 'fork'),
    },
    expected: {
      classes: ['spoon', 'fork'],
      train: 4,
      validation: 2,
      test: 2,
      says: ['classes.txt has the names of the classes', 'val.txt lists the validation split', 'no test split'],
    },
  },
];
