import type { FoundLabels } from './findLabels.js';

/** Names for labels that are numbers. */
export interface NamedNumbers {
  names: Map<string, string>;
  /** In the order of the numbers. */
  classes: string[];
  notes: string[];
}

/** @returns null when the labels are no numbers, or no list has a name for each */
export function nameNumbers(labels: Set<string>, lists: FoundLabels['classLists']): NamedNumbers | null {
  const numbers = [...labels].sort((a, b) => Number(a) - Number(b));
  if (!numbers.every((label) => /^\d+$/.test(label))) return null;
  for (const { file, names } of lists) {
    // Lines are counted from 0, but labels may be counted from 1.
    const first = names.has('0') && !labels.has('0') && names.size === Number(numbers.at(-1)) ? 1 : 0;
    const named = numbers.map((label) => names.get(String(Number(label) - first)));
    if (named.some((name) => name === undefined)) continue;
    const classes = named as string[];
    return {
      names: new Map(numbers.map((label, i) => [label, classes[i] as string])),
      classes,
      notes: [
        `${file} has the names of the classes in the order of their numbers, of which the lowest is ${numbers[0]}.`,
      ],
    };
  }
  return null;
}
