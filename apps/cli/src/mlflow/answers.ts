import { z } from 'zod';

/*
 * Answers of an MLflow server, as those of 2.22.5 and 3.17.2 were seen. What is empty is left out; whole numbers may be
 * texts, as protocol buffers write int64 in JSON.
 */

const whole = z.coerce.number().refine(Number.isSafeInteger);
/** JSON has no NaN and no infinity: they are these texts, or a bare NaN that does not parse. */
const value = z
  .union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']), z.null()])
  .transform((given) => (typeof given === 'number' ? given : null));
const texts = z
  .array(z.object({ key: z.string(), value: z.string().default('') }))
  .default([])
  .transform((pairs) => Object.fromEntries(pairs.map((pair) => [pair.key, pair.value])));

const pointSchema = z.object({ key: z.string(), value, timestamp: whole.default(0), step: whole.default(0) });
export type Point = z.output<typeof pointSchema>;

const experimentSchema = z.object({ experiment_id: z.string(), name: z.string() });
export type Experiment = z.output<typeof experimentSchema>;

const runSchema = z.object({
  info: z.object({
    run_id: z.string(),
    run_name: z.string().default(''),
    status: z.string(),
    start_time: whole.optional(),
    end_time: whole.nullish(),
  }),
  data: z
    .object({ metrics: z.array(z.object({ key: z.string() })).default([]), params: texts, tags: texts })
    .default({ metrics: [], params: {}, tags: {} }),
  inputs: z
    .object({ dataset_inputs: z.array(z.object({ dataset: z.object({ name: z.string() }) })).default([]) })
    .default({ dataset_inputs: [] }),
});
export type Run = z.output<typeof runSchema>;

const next = { next_page_token: z.string().optional() };
export const experimentsSchema = z.object({ experiments: z.array(experimentSchema).default([]), ...next });
export const runsSchema = z.object({ runs: z.array(runSchema).default([]), ...next });
export const historySchema = z.object({ metrics: z.array(pointSchema).default([]), ...next });
export const errorSchema = z.object({ message: z.string() });
