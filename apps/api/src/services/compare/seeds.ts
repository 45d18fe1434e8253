import type { Job, SeedGroup } from '@trainyard/contracts';
import { flatten, labels } from './specs.js';
import { spreadOf } from './statistics.js';

/** Spec and test images, without the seed: of runs with equal keys, the seed alone decides which is better. */
export function seedGroupOf({ spec, datasetDigest }: Job): string {
  const fields = [...flatten(spec)].filter(([field]) => field !== 'seed' && !labels.includes(field));
  return JSON.stringify([datasetDigest, fields.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Tested trainings in groups of one spec, in the order in which they first appear. */
export function seedGroups(jobs: readonly Job[]): SeedGroup[] {
  const groups = new Map<string, Job[]>();
  for (const job of jobs)
    if (job.test !== null && job.kind === 'training')
      groups.set(seedGroupOf(job), [...(groups.get(seedGroupOf(job)) ?? []), job]);
  return [...groups.values()].map((group) => {
    const accuracies = group.map(({ test }) => test?.accuracy ?? 0);
    return {
      jobs: group.map(({ id }) => id),
      seeds: group.map(({ spec }) => spec.seed),
      ...spreadOf(accuracies),
      low: Math.min(...accuracies),
      high: Math.max(...accuracies),
    };
  });
}
