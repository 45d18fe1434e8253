import { images, imagesIn, type LayoutExample, lines, rows } from './example.js';

export const benchmarkExamples: LayoutExample[] = [
  {
    title: 'Class folders with lists of the splits (Food-101)',
    files: {
      ...imagesIn('food-101/images/apple_pie', 3),
      ...imagesIn('food-101/images/waffles', 3),
      'food-101/meta/train.txt': lines('apple_pie/1', 'apple_pie/2', 'waffles/1', 'waffles/2'),
      'food-101/meta/test.txt': lines('apple_pie/3', 'waffles/3'),
      'food-101/meta/classes.txt': lines('apple_pie', 'waffles'),
    },
    expected: {
      classes: ['apple_pie', 'waffles'],
      train: 4,
      validation: 0,
      test: 2,
      says: ['food-101/meta/train.txt lists the train split', 'food-101/meta/test.txt lists the test split'],
    },
  },
  {
    title: 'CUB-200',
    files: {
      ...imagesIn('CUB_200_2011/images/001.Albatross', 3),
      ...imagesIn('CUB_200_2011/images/002.Cardinal', 3),
      'CUB_200_2011/images.txt': lines(
        ...rows(3, (i) => `${i} 001.Albatross/${i}.png`),
        ...rows(3, (i) => `${i + 3} 002.Cardinal/${i}.png`),
      ),
      'CUB_200_2011/train_test_split.txt': lines('1 1', '2 0', '3 1', '4 1', '5 0', '6 1'),
      'CUB_200_2011/image_class_labels.txt': lines('1 1', '2 1', '3 1', '4 2', '5 2', '6 2'),
      'CUB_200_2011/classes.txt': lines('1 001.Albatross', '2 002.Cardinal'),
    },
    expected: {
      classes: ['001.Albatross', '002.Cardinal'],
      train: 4,
      validation: 0,
      test: 2,
      says: ['train_test_split.txt names the splits (column is_train)'],
    },
  },
  {
    title: 'Tiny ImageNet: a validation split that a list labels, and a test split without labels',
    files: {
      ...imagesIn('tiny-imagenet-200/train/n01443537/images', 5),
      ...imagesIn('tiny-imagenet-200/train/n01629819/images', 5),
      ...images('tiny-imagenet-200/val/images/val_0.png', 'tiny-imagenet-200/val/images/val_1.png'),
      ...images('tiny-imagenet-200/test/images/test_0.png'),
      'tiny-imagenet-200/val/val_annotations.txt': lines(
        'val_0.png\tn01629819\t0\t32\t44\t62',
        'val_1.png\tn01443537\t52\t55\t57\t59',
      ),
      'tiny-imagenet-200/train/n01443537/n01443537_boxes.txt': lines('1.png\t0\t10\t63\t58'),
      'tiny-imagenet-200/wnids.txt': lines('n01629819', 'n01443537'),
      'tiny-imagenet-200/words.txt': lines('n01443537\tgoldfish', 'n01629819\tEuropean fire salamander'),
    },
    expected: {
      classes: ['n01443537', 'n01629819'],
      train: 8,
      validation: 2,
      test: 2,
      says: ['val_annotations.txt names the classes', 'its 1 images have no labels', 'no test split'],
    },
  },
  {
    title: 'ImageNet as on Kaggle: the solution of the validation split in a CSV file',
    files: {
      ...imagesIn('ILSVRC/Data/CLS-LOC/train/n01440764', 5),
      ...imagesIn('ILSVRC/Data/CLS-LOC/train/n01443537', 5),
      ...images('ILSVRC/Data/CLS-LOC/val/ILSVRC2012_val_1.png', 'ILSVRC/Data/CLS-LOC/val/ILSVRC2012_val_2.png'),
      ...images('ILSVRC/Data/CLS-LOC/test/ILSVRC2012_test_1.png'),
      'LOC_val_solution.csv': lines(
        'ImageId,PredictionString',
        'ILSVRC2012_val_1,n01443537 85 1 499 272 ',
        'ILSVRC2012_val_2,n01440764 131 0 499 254 n01440764 5 6 7 8 ',
      ),
      'LOC_sample_submission.csv': lines('ImageId,PredictionString', 'ILSVRC2012_test_1,n01440764 0 0 1 1'),
    },
    expected: {
      classes: ['n01440764', 'n01443537'],
      train: 8,
      validation: 2,
      test: 2,
      says: ['LOC_val_solution.csv names the classes', 'its 1 images have no labels', 'no test split'],
    },
  },
  {
    title: 'Class folders, and a table that labels the flat test split by numbers',
    files: {
      ...imagesIn('Train/0', 3),
      ...imagesIn('Train/1', 3),
      ...images('Test/00000.png', 'Test/00001.png'),
      'Train.csv': lines(
        'Width,Height,Roi.X1,ClassId,Path',
        ...rows(3, (i) => `27,26,${i},0,Train/0/${i}.png`),
        ...rows(3, (i) => `27,26,${i},1,Train/1/${i}.png`),
      ),
      'Test.csv': lines('Width,Height,Roi.X1,ClassId,Path', '53,54,6,1,Test/00000.png', '42,45,5,0,Test/00001.png'),
    },
    expected: { classes: ['0', '1'], train: 6, validation: 0, test: 2, says: ['Test.csv names the classes'] },
  },
  {
    title: 'Images in numbered parts, with a table beside them',
    files: {
      ...images(
        ...rows(6, (i) => `HAM_images_part_1/ISIC_${i}.png`),
        ...rows(4, (i) => `HAM_images_part_2/ISIC_${i + 6}.png`),
      ),
      'HAM_metadata.csv': lines(
        'lesion_id,image_id,dx,dx_type,age,sex',
        ...rows(
          10,
          (i) => `HAM_${i},ISIC_${i},${i % 2 === 0 ? 'mel' : 'nv'},histo,${30 + i},${i < 5 ? 'male' : 'female'}`,
        ),
      ),
    },
    expected: {
      classes: ['mel', 'nv'],
      train: 8,
      validation: 0,
      test: 2,
      says: ['HAM_metadata.csv names the classes (column dx)', 'split by seed'],
    },
  },
  {
    title: 'Classes in the names of the files',
    files: {
      ...images(...rows(5, (i) => `train/cat.${i}.png`), ...rows(5, (i) => `train/dog.${i}.png`)),
      ...imagesIn('test', 2),
    },
    expected: {
      classes: ['cat', 'dog'],
      train: 8,
      validation: 0,
      test: 2,
      says: ['The classes are parts of the file names (cat, dog; cat for train/cat.1.png)', 'no test split'],
    },
  },
  {
    title: 'Classes in the names of the files, with masks beside them (Oxford-IIIT Pet)',
    files: {
      ...images(...rows(5, (i) => `images/Abyssinian_${i}.png`), ...rows(5, (i) => `images/great_dane_${i}.png`)),
      ...images('annotations/trimaps/Abyssinian_1.png', 'annotations/trimaps/great_dane_1.png'),
    },
    expected: {
      classes: ['Abyssinian', 'great_dane'],
      train: 8,
      validation: 0,
      test: 2,
      says: ['parts of the file names (Abyssinian, great_dane', '2 files are masks', 'split by seed'],
    },
  },
];
