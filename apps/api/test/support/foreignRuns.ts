import type { NewForeignRun } from '@trainyard/contracts';

/** A run of MLflow with one metric, in whose server and experiment the marker is. */
export const foreignRun = (marker: string): NewForeignRun => ({
  source: 'mlflow',
  server: `https://${marker}.example`,
  experiment: `${marker}-experiment`,
  runId: '1',
  name: null,
  state: 'succeeded',
  startedAt: '2026-05-31T10:00:00Z',
  finishedAt: '2026-05-31T10:20:00Z',
  dataset: null,
  params: {},
  tags: {},
  metrics: [{ key: 'loss', steps: [1], times: [0], values: [1] }],
});
