import type { Dataset, DatasetChoice } from '@trainyard/contracts';
import type { TrainingSplit } from './split.js';

/** A share of images that has other classes than the set is no reason for a warning below this. */
const leastDifference = 0.1;

/**
 * What is wrong with the classes of a split, in a sentence with a remedy; null: nothing. A part that lacks a class of
 * the stored images, or whose shares of the classes are too far from theirs to be chance, makes the validation figures,
 * and the epoch that they choose, useless.
 * @param labels class of each image that is stored as `train`
 */
export function splitWarning(
  labels: Int32Array,
  split: TrainingSplit,
  { name, classes }: Dataset,
  { validationSplit }: DatasetChoice,
): string | null {
  const stored = countClasses(labels, classes.length);
  const parts = { training: split.train, validation: split.validation };
  const problems = Object.entries(parts).flatMap(([part, indices]) => {
    const counts = countClasses(
      indices.map((index) => labels[index] as number),
      classes.length,
    );
    const missing = classes.filter((_, k) => stored[k] !== 0 && counts[k] === 0);
    if (missing.length > 0) return `no ${part} image of ${listed(missing, classes.length)}`;
    const [k, difference] = largestDifference(counts, stored);
    if (!isFar(counts, stored)) return [];
    const more = difference > 0 ? 'more' : 'fewer';
    const points = `${Math.round(100 * Math.abs(difference))} points ${more} than in the set`;
    return `the share of ${classes[k]} in the ${part} images is ${points}`;
  });
  if (problems.length === 0) return null;
  const problem = `validationSplit "${validationSplit}" gives the parts of ${name} other classes than the set`;
  return `${problem}: ${problems.join(', ')}; ${remedies[validationSplit]}`;
}

const remedies: Record<DatasetChoice['validationSplit'], string> = {
  head: 'its images are stored by class: use "stratified" or "shuffled"',
  shuffled: 'use "stratified", or a larger validationFraction',
  stratified: 'use a larger validationFraction',
  provided: 'use "stratified" to draw the validation images from all of them',
};

function listed(names: string[], classes: number): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length <= 3 ? shown : `${names.length} of ${classes} classes (${shown}, …)`;
}

function countClasses(labels: Int32Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const sharesOf = (counts: number[]) => counts.map((count) => count / sum(counts));

/** The class whose share differs most, and by how much. */
function largestDifference(counts: number[], stored: number[]): [label: number, difference: number] {
  const expected = sharesOf(stored);
  const differences = sharesOf(counts).map((share, k) => share - (expected[k] as number));
  const label = differences.reduce((best, d, k) => (Math.abs(d) > Math.abs(differences[best] as number) ? k : best), 0);
  return [label, differences[label] as number];
}

/**
 * Whether shares differ by more than a tenth, and by more than draws do: Pearson's chi-square is ten standard
 * deviations above its mean, the degrees of freedom.
 */
function isFar(counts: number[], stored: number[]): boolean {
  const [, difference] = largestDifference(counts, stored);
  const images = sum(counts);
  const expected = sharesOf(stored).map((share) => share * images);
  const present = expected.filter((e) => e > 0).length;
  const chiSquare = sum(counts.map((count, k) => (count - (expected[k] || 1)) ** 2 / (expected[k] || 1)));
  const freedom = present - 1;
  return Math.abs(difference) > leastDifference && chiSquare > freedom + 10 * Math.sqrt(2 * freedom);
}
