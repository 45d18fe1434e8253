import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ProblemError } from '@trainyard/client';

export const isUnauthorized = (error: unknown): boolean =>
  error instanceof ProblemError && error.code === 'unauthorized';

/** A problem stays one when it is asked for again; a lost connection is tried again for as long as the page is open. */
const mayPass = (_count: number, error: unknown): boolean => !(error instanceof ProblemError) || error.status >= 500;

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    // The session has ended: the page to sign in takes the place of this one.
    onError: (error) => {
      if (isUnauthorized(error)) queryClient.setQueryData(['session'], null);
    },
  }),
  defaultOptions: { queries: { retry: mayPass, retryDelay: 2000, staleTime: 1000, networkMode: 'always' } },
});
