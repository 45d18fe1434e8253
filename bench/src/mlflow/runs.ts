/** The runs of our database, as MLflow has them. */
import type { Client } from 'pg';
import { z } from 'zod';

export const metricNames = ['train_loss', 'train_accuracy', 'validation_loss', 'validation_accuracy'] as const;
export type MetricName = (typeof metricNames)[number];

const runSchema = z.object({
  id: z.string(),
  experiment: z.string(),
  status: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.coerce.number(),
  finishedAt: z.coerce.number().nullable(),
  params: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
  /** Of the test, once. */
  test: z.record(z.string(), z.number().nullable()),
  /** Of each epoch, from the first. */
  epochs: z.array(z.array(z.number())),
});
export type Run = z.output<typeof runSchema>;

/** Some thousand at a time, in the order of their ids. */
export async function* readRuns(client: Client, size: number): AsyncGenerator<Run[]> {
  let after = '';
  for (;;) {
    const { rows } = await client.query(
      `SELECT jobs.id, jobs.experiment, CASE state WHEN 'succeeded' THEN 'FINISHED' WHEN 'failed' THEN 'FAILED'
           WHEN 'queued' THEN 'SCHEDULED' ELSE 'KILLED' END AS status,
         floor(1000 * extract(epoch FROM created_at)) AS "startedAt",
         floor(1000 * extract(epoch FROM jobs.finished_at)) AS "finishedAt",
         jsonb_build_object('architecture', jobs.architecture, 'learning_rate', spec ->> 'learningRate', 'batch_size',
           spec ->> 'batchSize', 'epochs', spec ->> 'epochs', 'optimizer', spec #>> '{optimizer,type}', 'seed',
           spec ->> 'seed') AS params,
         jsonb_build_object('dataset', jobs.dataset, 'project', jobs.project) AS tags,
         jsonb_build_object('test_accuracy', accuracy, 'test_loss', loss) AS test,
         (SELECT json_agg(json_build_array(${metricNames.join(', ')}) ORDER BY epoch) FROM epoch_metrics
           WHERE job_id = jobs.id) AS epochs
       FROM jobs LEFT JOIN test_results ON job_id = jobs.id WHERE jobs.id > $1 ORDER BY jobs.id LIMIT $2`,
      [after, size],
    );
    const runs = z.array(runSchema).parse(rows);
    if (runs.length === 0) return;
    yield runs;
    after = runs.at(-1)?.id ?? after;
  }
}

export interface Metric {
  key: string;
  value: number;
  timestamp: number;
  step: number;
}

/** As its client logs them: a value a metric and epoch, and the test's. */
export function metricsOf(run: Run): Metric[] {
  const epochs = run.epochs.flatMap((values, i) =>
    metricNames.map((key, j) => ({
      key,
      value: values[j] ?? Number.NaN,
      timestamp: run.startedAt + 1000 * (i + 1),
      step: i + 1,
    })),
  );
  const timestamp = run.finishedAt ?? run.startedAt;
  const tested = Object.entries(run.test).flatMap(([key, value]) =>
    value === null ? [] : [{ key, value, timestamp, step: run.epochs.length }],
  );
  return [...epochs, ...tested];
}

export const pairsOf = (record: Record<string, string>): { key: string; value: string }[] =>
  Object.entries(record).map(([key, value]) => ({ key, value }));
