import type { SourceSplit } from '../listing.js';

export type Split = Exclude<SourceSplit, null>;

const splitWords: Record<string, Split> = {
  train: 'train',
  training: 'train',
  trainval: 'train',
  trn: 'train',
  tr: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  validate: 'validation',
  dev: 'validation',
  eval: 'validation',
  evaluation: 'validation',
  test: 'test',
  testing: 'test',
  tst: 'test',
  te: 'test',
};

const foreignWords: Record<Split, string> = {
  train:
    'entrenamiento entrainement entraînement apprentissage addestramento treino treinamento uczenie trening обучение ' +
    '训练 训练集 訓練 訓練集 学習 학습 훈련',
  validation: 'validierung validación validacion validazione validação validacao валидация 验证 验证集 驗證 検証 검증',
  test: 'holdout prueba pruebas teste testes prova тест 测试 测试集 測試 テスト 테스트 시험',
};
for (const [split, words] of Object.entries(foreignWords)) {
  for (const word of words.split(' ')) splitWords[word] = split as Split;
}

/** Words that stand beside a split's name without changing it: `seg_train`, `train_images`, `test_set`, `train2017`. */
const neutralWords = new Set(
  (
    'seg set sets data dataset image images img imgs pictures photos pics split folder dir raw all full ' +
    'label labels labeled labelled annotation annotations metadata list csv file files gt ids class classes cls'
  ).split(' '),
);

/** The split that a folder or file of this name is; null: none. `trainset`, `Training_Set` and `val2017` are splits. */
export function splitOfName(name: string): Split | null {
  const { split, rest } = splitWithin(name);
  return rest === '' ? split : null;
}

/**
 * The split that is part of a name, and what else the name says: `cats_train` is `train` and `cats`.
 * Only the longer words count within other names.
 */
export function splitWithin(name: string): { split: Split | null; rest: string } {
  const words = name
    .normalize('NFC')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/(train(?:ing)?|test(?:ing)?|valid(?:ation)?|val)(set|data|images|imgs|labels)\b/, '$1 $2')
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
  let split: Split | null = null;
  const rest: string[] = [];
  for (const word of words) {
    const named = splitWords[word];
    if (named !== undefined && (split === null || split === named)) split = named;
    else if (!neutralWords.has(word)) rest.push(word);
  }
  return { split, rest: rest.join(' ') };
}
