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

/** Where an attempt goes on from: complete epochs, and steps of the next. */
export function resumedFrom({ data: { resumedFromEpoch, resumedFromStep } }: JobEvent): {
  epoch: number;
  step: number;
} {
  const number = (value: unknown) => (typeof value === 'number' ? value : 0);
  return { epoch: number(resumedFromEpoch), step: number(resumedFromStep) };
}
