import type { Job, Page } from '@trainyard/contracts';
import type { Http } from './http.js';
import { jobPath } from './jobPath.js';
import { Patience } from './patience.js';
import { sleep } from './sleep.js';

export interface WatchOptions {
  /** Ends the iteration, without an error. */
  signal?: AbortSignal;
  /** After this many seconds without an answer, the last error is thrown. */
  giveUpAfterSeconds?: number;
}

/** A filter has at most 100 comparisons. */
const jobsPerRequest = 100;
const pauseMs = 1000;

/**
 * Reads jobs again and again until all have ended: one request a second for a hundred jobs, so that any number of them
 * needs one connection. Yields those of an answer that are new or have changed. Goes on where the service was away.
 * @throws ProblemError `not_found` for an id that is no job's; UnreachableError when the service stays away.
 */
export async function* watchJobs(http: Http, ids: readonly string[], options: WatchOptions): AsyncGenerator<Job[]> {
  const { signal, giveUpAfterSeconds = 120 } = options;
  const patience = new Patience(giveUpAfterSeconds, signal);
  /** What was last read of each job that has not ended; '' before the first answer. */
  const open = new Map(ids.map((id) => [id, '']));
  try {
    while (open.size > 0) {
      for (const some of chunks([...open.keys()], jobsPerRequest)) {
        const jobs = await patiently(patience, () => readJobs(http, some, signal));
        yield changed(jobs, open);
        const there = new Set(jobs.map(({ id }) => id));
        for (const id of some.filter((each) => !there.has(each))) {
          // Only a job that has ended can be deleted: nothing is left to wait for. An unknown id is an error.
          if (open.get(id) !== '') open.delete(id);
          else await patiently(patience, () => http.json(jobPath(id), { signal }));
        }
        if (open.size > 0) await sleep(pauseMs, signal);
      }
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

async function readJobs(http: Http, ids: string[], signal: AbortSignal | undefined): Promise<Job[]> {
  const query = { filter: `id IN (${ids.map((id) => `"${id}"`)})`, limit: jobsPerRequest };
  return (await http.json<Page<Job>>('v1/jobs', { query, signal })).data;
}

/** The jobs that are not as they were read before; notes how they are now, and forgets those that have ended. */
function changed(jobs: Job[], open: Map<string, string>): Job[] {
  return jobs.filter((job) => {
    const text = JSON.stringify(job);
    const before = open.get(job.id);
    if (job.terminal) open.delete(job.id);
    else open.set(job.id, text);
    return before !== text;
  });
}

async function patiently<T>(patience: Patience, read: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const answer = await read();
      patience.progressed();
      return answer;
    } catch (error) {
      await patience.afterError(error);
    }
  }
}

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
