import { z } from 'zod';

/** Seconds that one in ten, one in two and nine in ten are expected to stay below. */
export const quantilesSchema = z.object({ p10: z.number(), p50: z.number(), p90: z.number() });
export type Quantiles = z.infer<typeof quantilesSchema>;

/** What was expected of a job when it was submitted, from the jobs that this installation has run. */
export const forecastSchema = z.object({
  /** From the submission to the first start; null: too few jobs have been started, or no worker is connected. */
  startSeconds: quantilesSchema.nullable(),
  /** From the first start to the end of the test; null: too few similar jobs have succeeded. */
  runSeconds: quantilesSchema.nullable(),
  /** Jobs with the same network, batch size, data, precision and device that have succeeded. */
  similarJobs: z.int(),
  /** Why the job waited, and what the forecast lacks. */
  reason: z.string(),
});
export type Forecast = z.infer<typeof forecastSchema>;

const scoreSchema = z.object({
  /** Forecasts whose outcome is known. */
  count: z.int(),
  /** Those whose outcome lay between p10 and p90; 80 % are expected to. */
  within: z.int(),
  /** null: none is known. */
  share: z.number().nullable(),
});

/** How often forecasts were right, of the last jobs of this installation. */
export const forecastScoresSchema = z.object({ start: scoreSchema, run: scoreSchema });
export type ForecastScores = z.infer<typeof forecastScoresSchema>;
