import {
  type EpochMetrics,
  type ExecutorInfo,
  epochMetricsSchema,
  executorInfoSchema,
  type JobEvent,
} from '@trainyard/contracts';

/** What a job's events carry, as far as it is there: an older or newer service may say less. */

/** The row of an `epoch` event. */
export function epochOf({ data }: JobEvent): EpochMetrics | null {
  return epochMetricsSchema.safeParse(data).data ?? epochMetricsSchema.safeParse(data.metrics).data ?? null;
}

/** What computes, of a `started` event. */
export function executorOf({ data }: JobEvent): ExecutorInfo | null {
  return executorInfoSchema.safeParse(data.executor).data ?? null;
}

/** The words of a warning or a failure. */
export function messageOf({ data }: JobEvent): string {
  const { message, code } = { ...(typeof data.failure === 'object' ? data.failure : {}), ...data } as Record<
    string,
    unknown
  >;
  if (typeof message === 'string') return message;
  return typeof code === 'string' ? code : '';
}

/** The epoch from whose checkpoint an attempt goes on, or 0. */
export function resumedFrom({ data }: JobEvent): number {
  return typeof data.resumedFromEpoch === 'number' ? data.resumedFromEpoch : 0;
}
