import type { ClassResult, TestResults } from '@trainyard/contracts';

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
/** Null where the divisor is zero; it is printed as N/A. */
const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** Counts, `[true class][predicted class]`, from an i32 [K, K] slot. */
export function confusionRows(counts: Int32Array, classes: number): number[][] {
  return Array.from({ length: classes }, (_, row) => Array.from(counts.subarray(row * classes, (row + 1) * classes)));
}

/**
 * Results of each class from the confusion counts. A class's accuracy is its recall: hits over its images. Precision is
 * hits over the images predicted as it; F1 is their harmonic mean, 2 hits / (images + predictions).
 */
export function classResults(names: readonly string[], confusion: readonly number[][]): ClassResult[] {
  return names.map((name, k) => {
    const correct = confusion[k]?.[k] ?? 0;
    const total = sum(confusion[k] ?? []);
    const predicted = sum(confusion.map((row) => row[k] ?? 0));
    return {
      class: name,
      correct,
      total,
      accuracy: ratio(correct, total),
      precision: ratio(correct, predicted),
      recall: ratio(correct, total),
      f1: ratio(2 * correct, total + predicted),
    };
  });
}

/** The mean F1 of the classes that have one; null where none has. */
export function macroF1(classes: readonly ClassResult[]): number | null {
  const scores = classes.map(({ f1 }) => f1).filter((f1) => f1 !== null);
  return ratio(sum(scores), scores.length);
}

/** The results of a test from the counts and the mean loss, without that of the last weights. */
export function testResults(input: {
  epoch: number;
  classes: readonly string[];
  /** i32 [K, K] */
  counts: Int32Array;
  /** Images whose class is among the five largest logits; null: not counted. */
  topHits: number | null;
  /** Mean over the test images. */
  loss: number;
  /** See the field of the results. */
  accuracyAugmented: number | null;
  seconds: number;
  /** Whether the training failed in a later epoch. */
  partial: boolean;
}): TestResults {
  const confusion = confusionRows(input.counts, input.classes.length);
  const classes = classResults(input.classes, confusion);
  const correct = sum(classes.map((c) => c.correct));
  const total = sum(classes.map((c) => c.total));
  const { epoch, loss, topHits, accuracyAugmented, seconds, partial } = input;
  const top5Accuracy = topHits === null ? null : ratio(topHits, total);
  return {
    epoch,
    loss,
    accuracy: correct / total,
    accuracyAugmented,
    correct,
    total,
    top5Accuracy,
    macroF1: macroF1(classes),
    seconds,
    partial,
    last: null,
    classes,
    confusion,
  };
}
