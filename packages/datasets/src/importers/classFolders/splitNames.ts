import type { SourceSplit } from '../listing.js';

const splitWords: Record<string, Exclude<SourceSplit, null>> = {
  train: 'train',
  training: 'train',
  trn: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  validate: 'validation',
  dev: 'validation',
  test: 'test',
  testing: 'test',
  tst: 'test',
  eval: 'test',
  evaluation: 'test',
};

/** Words that stand beside a split's name without changing it: `seg_train`, `train_images`, `test_set`, `train2017`. */
const neutralWords = new Set([
  'seg',
  'set',
  'sets',
  'data',
  'dataset',
  'image',
  'images',
  'img',
  'imgs',
  'pictures',
  'photos',
  'split',
  'folder',
  'dir',
  'raw',
  'all',
  'full',
]);

/** The split that a folder of this name holds; null: it is no split. `trainset`, `Training_Set` and `val2017` are. */
export function splitOfName(name: string): Exclude<SourceSplit, null> | null {
  const words = name
    .toLowerCase()
    .replace(/(train|test|valid|val)(set|data|images|imgs)\b/, '$1 $2')
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  let split: Exclude<SourceSplit, null> | null = null;
  for (const word of words) {
    const named = splitWords[word];
    if (named !== undefined && (split === null || split === named)) split = named;
    else if (!neutralWords.has(word)) return null;
  }
  return split;
}
