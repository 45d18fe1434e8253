import type { ComparedPair, Job, LeaderboardRow } from '@trainyard/contracts';
import { wilsonInterval } from './statistics.js';

type Known = Pick<LeaderboardRow, 'tiedWith' | 'notCompared'> & { better: number };

/**
 * Tested jobs by accuracy, of equal ones in the order of their ids. A tie is not transitive: of three runs, the second
 * may tie with both others, while the first is better than the third.
 */
export function leaderboardOf(jobs: readonly Job[], pairs: readonly ComparedPair[]): LeaderboardRow[] {
  const known = new Map(jobs.map(({ id }): [string, Known] => [id, { better: 0, tiedWith: [], notCompared: [] }]));
  for (const { a, b, difference, significant } of pairs) {
    if (difference === null) continue;
    const [ofA, ofB] = [known.get(a), known.get(b)];
    if (significant === true) {
      const worse = difference > 0 ? ofB : ofA;
      if (worse) worse.better += 1;
    } else {
      const list = significant === null ? 'notCompared' : 'tiedWith';
      ofA?.[list].push(b);
      ofB?.[list].push(a);
    }
  }
  return jobs
    .flatMap(({ id: jobId, test }) => (test ? [{ jobId, test, ...(known.get(jobId) as Known) }] : []))
    .sort((a, b) => b.test.accuracy - a.test.accuracy || (a.jobId < b.jobId ? -1 : 1))
    .map(({ jobId, test, better, tiedWith, notCompared }) => ({
      rank: 1 + better,
      jobId,
      testAccuracy: test.accuracy,
      testAccuracyInterval: wilsonInterval(test.correct, test.total),
      tiedWith,
      notCompared,
    }));
}
