import { z } from 'zod';
import { fraction, positiveInt } from './numbers.js';

/** Epochs over which the rate first rises linearly from 0. */
const warmupEpochs = z.number().min(0).max(1000).default(0);
export const constantScheduleSchema = z.strictObject({ type: z.literal('constant'), warmupEpochs });
/** Multiplies the rate by `factor` after every `everyEpochs` epochs. */
export const stepScheduleSchema = z.strictObject({
  type: z.literal('step'),
  everyEpochs: positiveInt.max(10000).default(10),
  factor: z.number().gt(0).max(1).default(0.1),
  warmupEpochs,
});
const decayFields = { finalFraction: fraction.default(0), warmupEpochs };
/** Half a cosine from the rate to `finalFraction` of it (Loshchilov and Hutter 2017, without restarts). */
export const cosineScheduleSchema = z.strictObject({ type: z.literal('cosine'), ...decayFields });
export const linearScheduleSchema = z.strictObject({ type: z.literal('linear'), ...decayFields });
/** Smith 2018: rises over the first `warmupFraction` of the steps, then falls; along a cosine both ways. */
export const oneCycleScheduleSchema = z.strictObject({
  type: z.literal('oneCycle'),
  warmupFraction: z.number().gt(0).lt(1).default(0.3),
  initialFraction: fraction.default(0.04),
  finalFraction: fraction.default(0.0001),
});
/**
 * Rises linearly from `initialFraction` of the rate to the full rate over the first `warmupFraction` of the steps, then
 * falls linearly to `finalFraction` of it.
 */
export const triangularScheduleSchema = z.strictObject({
  type: z.literal('triangular'),
  warmupFraction: z.number().gt(0).lt(1).default(0.23),
  initialFraction: fraction.default(0.2),
  finalFraction: fraction.default(0.07),
});
const scheduleObjectSchema = z.discriminatedUnion('type', [
  constantScheduleSchema,
  stepScheduleSchema,
  cosineScheduleSchema,
  linearScheduleSchema,
  oneCycleScheduleSchema,
  triangularScheduleSchema,
]);
export const scheduleSchema = z
  .union([z.enum(['constant', 'step', 'cosine', 'linear', 'oneCycle', 'triangular']), scheduleObjectSchema])
  .transform((v): z.input<typeof scheduleObjectSchema> => (typeof v === 'string' ? { type: v } : v))
  .pipe(scheduleObjectSchema);
export type Schedule = z.output<typeof scheduleSchema>;
