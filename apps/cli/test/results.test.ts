import { describe, expect, it } from 'vitest';
import { formatHistory, formatOverall, formatResults, mostConfused } from '../src/format/results.js';
import { makeResults, makeRow } from './support/samples.js';

describe('the results of a job', () => {
  const lines = formatResults(makeResults());

  it('are the article’s table, percents rounded down, N/A for a class without examples', () => {
    expect(lines.slice(2, 12)).toEqual([
      '  airplane 70 % (705/1000)',
      'automobile 100 % (1000/1000)',
      '      bird 40 % (402/1000)',
      '       cat 42 % (421/1000)',
      '      deer N/A',
      '       dog 55 % (555/1000)',
      '      frog 74 % (743/1000)',
      '     horse 70 % (700/1000)',
      '      ship 80 % (800/1000)',
      '     truck 99 % (999/1000)',
    ]);
  });

  it('say loss and overall accuracy as the article does', () => {
    expect(lines).toContain('Test Loss: 1.154321');
    expect(lines).toContain('Test Accuracy (Overall): 60.14 % (6014/10000)');
  });

  it('name the classes that are taken for each other, most often first', () => {
    expect(lines.slice(-3)).toEqual([
      // Of the 604 cats and 552 birds that the confusion matrix counts.
      '  cat taken for dog 183 times (30.3 %)',
      '  bird taken for deer 150 times (27.2 %)',
      '  truck taken for automobile once (0.1 %)',
    ]);
  });

  it('have no pairs when nothing is confused', () => {
    const perfect = {
      ...makeResults(),
      confusion: [
        [5, 0],
        [0, 5],
      ],
    };
    expect(mostConfused(perfect)).toEqual([]);
    expect(formatResults(perfect)).not.toContain('Most confused:');
  });

  it('say top-5 accuracy and macro F1 where there are such', () => {
    expect(lines).toContain('Top-5 Accuracy: 95.31 %');
    expect(lines).toContain('Macro F1: 0.5987');
    const old = formatResults({ ...makeResults(), top5Accuracy: null, macroF1: null });
    expect(old.filter((line) => /Top-5|F1/.test(line))).toEqual([]);
  });

  it('say the accuracy with test augmentation where there is one', () => {
    const augmented = formatResults({ ...makeResults(), accuracyAugmented: 0.6123 });
    expect(augmented).toContain('Test Accuracy with testAugmentation: 61.23 %');
    expect(lines.some((line) => line.includes('testAugmentation'))).toBe(false);
  });

  it('say the accuracy after the last epoch where the best is another', () => {
    const last = { epoch: 30, loss: 1.2, accuracy: 0.61, accuracyAugmented: null, correct: 6100 };
    expect(formatResults({ ...makeResults(), last })).toContain(
      'After the last epoch, 30: 61.00 % (6100/10000), loss 1.2000',
    );
    expect(formatResults({ ...makeResults(), last: { ...last, epoch: 12 } })).toEqual(lines);
  });

  it('say where the job failed later', () => {
    expect(formatResults({ ...makeResults(), partial: true })).toContain(
      'Partial: the job failed later; these are its best weights, of epoch 12.',
    );
    expect(lines.some((line) => line.includes('Partial'))).toBe(false);
  });

  it('without a single example are N/A', () => {
    expect(formatOverall({ correct: 0, total: 0 })).toBe('Test Accuracy (Overall): N/A');
  });

  it('cannot send a terminal commands by a class’s name', () => {
    const results = makeResults();
    (results.classes[0] as { class: string }).class = 'air\u001b[2J\u0007plane';
    expect(formatResults(results)[2]).toBe('  airplane 70 % (705/1000)');
  });
});

describe('the history', () => {
  it('fits into 80 columns, and says best epoch, accuracy, loss and time', () => {
    const lines = formatHistory([makeRow(), makeRow({ architecture: 'custom', testAccuracy: 1, epochs: 10_000 })]);
    expect(lines.every((line) => line.length <= 80)).toBe(true);
    expect(lines[1]).toMatch(/^job_\w{26} {2}lenet .*60\.14 % {2}1\.1543 .*12\/30 .*3h 12m$/);
  });

  it('marks a job that failed later', () => {
    const lines = formatHistory([makeRow({ partial: true }), makeRow()]);
    expect(lines.every((line) => line.length <= 80)).toBe(true);
    expect(lines[1]).toContain(' 60.14 %* ');
    expect(lines.at(-1)).toBe('* partial: the job failed after this epoch');
    expect(formatHistory([makeRow()])).toHaveLength(2);
  });

  it('has every column when wide', () => {
    const [title, row] = formatHistory([makeRow({ name: 'first' })], { wide: true });
    expect(formatHistory([makeRow({ testAccuracyAugmented: 0.6123 })], { wide: true })[1]).toContain('61.23 %');
    expect(title).toMatch(/top-5 +macro F1/);
    expect(row).toMatch(/95\.31 % +0\.5987/);
    expect(title).toMatch(/dataset .*rate .*batch .*optimizer .*finished .*experiment .*name/);
    expect(row).toMatch(/cifar10 v1 .*0\.01 .*20 .*sgd .*2026-11-23 22:38 UTC .*default .*first$/);
  });
});
