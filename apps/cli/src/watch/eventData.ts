import { type EpochMetrics, epochMetricsSchema, type JobEvent } from '@trainyard/contracts';

/** What a job's events carry, as far as it is there: an older or newer service may say less. */

/** The row of an `epoch` event. */
export function epochOf({ data }: JobEvent): EpochMetrics | null {
  return epochMetricsSchema.safeParse(data).data ?? null;
}

/** The words of a warning or a failure. */
export function messageOf({ data: { message, code } }: JobEvent): string {
  if (typeof message === 'string') return message;
  return typeof code === 'string' ? code : '';
}

/** The epoch from whose checkpoint an attempt goes on, or 0. */
export function resumedFrom({ data }: JobEvent): number {
  return typeof data.resumedFromEpoch === 'number' ? data.resumedFromEpoch : 0;
}
