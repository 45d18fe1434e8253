import type { Machines } from './machines.js';

/** A row of `jobs` with the rows of other tables that belong to it, read when everything has ended. */
export interface JobRow {
  id: string;
  state: string;
  attempt: number;
  failures: number;
  token: string | null;
  finished_at: Date | null;
  event_count: number;
  best_epoch: number | null;
  best_validation_loss: number | null;
  failure_code: string | null;
  spec: { epochs: number; seed: number };
  events: { sequence: number; type: string; attempt: number; data: Record<string, unknown> }[];
  epochs: { epoch: number; attempt: number; best: boolean; train_loss: number; validation_loss: number }[];
  checkpoints: CheckpointRow[];
  attempts: { number: number; outcome: string | null; failure_code: string | null }[];
  tested_epoch: number | null;
}

export interface CheckpointRow {
  key: string;
  epoch: number;
  step: number;
  best: boolean;
  last: boolean;
  weights_sha256: string;
  manifest: { files: { name: string; bytes: number; sha256: string }[] };
}

const rowsOf = (table: string, order: string) =>
  `(SELECT coalesce(jsonb_agg(to_jsonb(${table}) ORDER BY ${order}), '[]') FROM ${table} WHERE job_id = jobs.id)`;

export const readJobs = (machines: Machines): Promise<JobRow[]> =>
  machines.sql<JobRow>(`
    SELECT jobs.*, ${rowsOf('events', 'sequence')} AS events, ${rowsOf('epoch_metrics', 'epoch')} AS epochs,
      ${rowsOf('checkpoints', 'global_step')} AS checkpoints, ${rowsOf('attempts', 'number')} AS attempts,
      (SELECT epoch FROM test_results WHERE job_id = jobs.id) AS tested_epoch
    FROM jobs ORDER BY created_at, id`);
