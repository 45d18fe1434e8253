import type { ClassResult, Comparison } from '@trainyard/contracts';

/** The recall of each class that a job has, in the order in which they first appear. */
export function perClass(ids: readonly string[], results: ReadonlyMap<string, ClassResult[]>): Comparison['classes'] {
  const recalls = ids.map((id) => new Map((results.get(id) ?? []).map((result) => [result.class, result.recall])));
  const names = new Set(recalls.flatMap((recall) => [...recall.keys()]));
  return [...names].map((name) => {
    const recall = recalls.map((of) => of.get(name) ?? null);
    const reference = recall[0] ?? null;
    const difference = recall.map((value) => (value === null || reference === null ? null : value - reference));
    return { class: name, recall, difference };
  });
}
