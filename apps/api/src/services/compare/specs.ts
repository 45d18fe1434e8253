import type { Comparison, JobSpec } from '@trainyard/contracts';

/** Fields of a spec that do not change what is trained. */
export const labels: readonly string[] = ['name', 'experiment', 'tags', 'notes', 'priority', 'maxAttempts', 'recipe'];

/** The values of a spec by dotted path; an array is one value. */
export function* flatten(value: object, prefix = ''): Generator<[field: string, value: unknown]> {
  for (const [key, item] of Object.entries(value)) {
    const field = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) yield* flatten(item, field);
    else yield [field, item];
  }
}

/** The fields in which specs differ, in the order of the fields; null where a spec has no such field. */
export function specDifferences(specs: readonly JobSpec[]): Comparison['specDifferences'] {
  const flat = specs.map((spec) => new Map(flatten(spec)));
  const fields = new Set(flat.flatMap((spec) => [...spec.keys()]));
  return [...fields]
    .filter((field) => !labels.includes(field))
    .map((field) => ({ field, values: flat.map((spec) => spec.get(field) ?? null) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}
