import { useQuery } from '@tanstack/react-query';
import type { Job, LogLine } from '@trainyard/contracts';
import { client } from './client.js';

const pollMs = 500;
const lastLines = 200;

export const useJob = (id: string) =>
  useQuery({
    queryKey: ['job', id],
    queryFn: () => client.job(id),
    refetchInterval: ({ state }) => (state.data?.terminal ? false : pollMs),
  });

/** Read while the job runs, and once more when it has ended: `terminal` is a part of the key. */
const live = ({ id, terminal }: Job) => ({
  refetchInterval: terminal ? (false as const) : pollMs,
  placeholderData: <T>(before: T) => before,
  key: [id, terminal],
});

export function useMetrics(job: Job) {
  const { key, ...options } = live(job);
  return useQuery({ queryKey: ['metrics', ...key], queryFn: () => client.metrics(job.id), ...options });
}

export const useResults = (job: Job) =>
  useQuery({
    queryKey: ['results', job.id, job.test?.accuracy],
    queryFn: () => client.results(job.id),
    enabled: job.test !== null,
  });

export function useLog(job: Job) {
  const { key, ...options } = live(job);
  return useQuery({
    queryKey: ['log', ...key],
    queryFn: async () => {
      const lines: LogLine[] = [];
      for await (const line of client.logs(job.id, { tail: lastLines })) lines.push(line);
      return lines.reverse();
    },
    ...options,
  });
}

export function useCheckpoints(job: Job) {
  const { key, ...options } = live(job);
  return useQuery({ queryKey: ['checkpoints', ...key], queryFn: () => client.checkpoints(job.id), ...options });
}

export const usePlan = (job: Job) =>
  useQuery({ queryKey: ['plan', job.id], queryFn: () => client.plan(job.spec), staleTime: Infinity });
