import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Curve, Job } from '@trainyard/contracts';
import { useMemo } from 'react';
import { client } from './client.js';

/** Which jobs the table shows, as the page's address has it. */
export interface RunsView {
  filter: string;
  sort: string;
}

const pageSize = 100;
const pollMs = 2000;

/**
 * The jobs of a view, page after page as they are scrolled to. The first page is read again and again: a job of it
 * replaces what was read before, and new ones are put before the rest.
 */
export function useRuns(view: RunsView) {
  const query = { sort: view.sort, limit: pageSize, ...(view.filter && { filter: view.filter }) };
  const pages = useInfiniteQuery({
    queryKey: ['runs', view],
    queryFn: ({ pageParam }) => client.jobs({ ...query, ...(pageParam && { cursor: pageParam }) }),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchOnWindowFocus: false,
    staleTime: Infinity,
  });
  const first = useQuery({
    queryKey: ['runs', view, 'first'],
    queryFn: () => client.jobs(query),
    refetchInterval: pollMs,
    enabled: pages.isSuccess,
  });
  const jobs = useMemo(
    () => merged(first.data?.data ?? [], pages.data?.pages.flatMap(({ data }) => data) ?? []),
    [first.data, pages.data],
  );
  return { ...pages, jobs, refresh: () => first.refetch() };
}

function merged(newest: Job[], before: Job[]): Job[] {
  const ids = new Set(newest.map(({ id }) => id));
  return [...newest, ...before.filter(({ id }) => !ids.has(id))];
}

/** Curves of the rows on screen, for sparklines; those of jobs that run are read again. */
export function useCurves(jobs: readonly Job[]): Map<string, Curve> {
  const ids = jobs.map(({ id }) => id).sort();
  const isLive = jobs.some(({ state }) => state === 'running');
  const { data } = useQuery({
    queryKey: ['sparklines', ids],
    queryFn: () => client.curves(ids, { points: 40 }),
    enabled: ids.length > 0,
    refetchInterval: isLive ? pollMs : false,
    placeholderData: (before) => before,
  });
  return useMemo(() => new Map(data?.map((curve) => [curve.jobId, curve])), [data]);
}

/** Cancels or retries jobs, at most a hundred in one call, as many as a filter may compare. */
export async function changeJobs(action: 'cancel' | 'retry', ids: readonly string[]): Promise<string> {
  let changed = 0;
  const refused: string[] = [];
  for (let start = 0; start < ids.length; start += 100) {
    const some = ids.slice(start, start + 100).map((id) => `"${id}"`);
    const answer = await client.bulk({ action, filter: `id IN (${some.join(',')})` });
    changed += answer.changed;
    refused.push(...answer.refused.map(({ reason }) => reason));
  }
  const done = action === 'cancel' ? 'cancelled' : 'queued again';
  return [`${changed} of ${ids.length} ${done}`, ...new Set(refused)].join('; ');
}
