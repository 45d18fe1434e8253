import { type EpochMetrics, epochMetricsSchema, type JobEvent } from '@trainyard/contracts';

/** Readers of a job's event data. Each field may be absent: the service may be older or newer. */

/** The row of an `epoch` event. */
export function epochOf({ data }: JobEvent): EpochMetrics | null {
  return epochMetricsSchema.safeParse(data).data ?? null;
}

/** The message of a warning or a failure, or its code. */
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
