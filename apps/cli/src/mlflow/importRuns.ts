import type { TrainyardClient } from '@trainyard/client';
import { type ForeignMetric, type ForeignRunRequest, type ForeignState, TrainyardError } from '@trainyard/contracts';
import type { Experiment, Run } from './answers.js';
import type { MlflowServer } from './mlflowServer.js';

/** What became of the runs of a server. */
export interface Imported {
  /** Runs that were stored now. */
  stored: number;
  /** Runs that were there from before. */
  present: number;
  /** Those that were left out, each with the reason. */
  left: { runId: string; experiment: string; reason: string; failed: boolean }[];
}

export interface ImportOptions {
  /** Names; null: all. */
  experiments: readonly string[] | null;
  /** Whether runs that are there are read again. */
  again: boolean;
  onProgress(experiment: string, done: Imported): void;
}

/** Metrics of one run that are read at once. */
const atOnce = 8;

const states: Partial<Record<string, ForeignState>> = { FINISHED: 'succeeded', FAILED: 'failed', KILLED: 'cancelled' };

/**
 * Stores the runs of an MLflow server that have ended. Each is stored as a whole, so that the same call again goes on
 * after an interruption. A run that cannot be read is left out; a server that does not answer ends the import.
 * @throws TrainyardError
 */
export async function importRuns(
  client: TrainyardClient,
  server: MlflowServer,
  options: ImportOptions,
): Promise<Imported> {
  const present = new Set<string>();
  if (!options.again) {
    for await (const { runId } of client.allForeignRuns({ server: server.url, limit: 500 })) present.add(runId);
  }
  const done: Imported = { stored: 0, present: 0, left: [] };
  for (const experiment of await chosen(server, options.experiments)) {
    for await (const run of server.runs(experiment.experiment_id)) {
      if (present.has(run.info.run_id)) done.present += 1;
      else await importRun(client, server, { experiment, run }, done);
      options.onProgress(experiment.name, done);
    }
  }
  return done;
}

async function chosen(server: MlflowServer, names: readonly string[] | null): Promise<Experiment[]> {
  const all: Experiment[] = [];
  for await (const experiment of server.experiments()) all.push(experiment);
  if (names === null) return all;
  const missing = names.find((name) => !all.some((experiment) => experiment.name === name));
  if (missing === undefined) return all.filter(({ name }) => names.includes(name));
  throw new TrainyardError('not_found', `${server.url} has no experiment ${missing}`);
}

type Found = { experiment: Experiment; run: Run };

async function importRun(client: TrainyardClient, server: MlflowServer, found: Found, done: Imported): Promise<void> {
  const { info } = found.run;
  const leave = (reason: string, failed: boolean) =>
    done.left.push({ runId: info.run_id, experiment: found.experiment.name, reason, failed });
  const state = states[info.status];
  if (state === undefined) {
    leave(`it has not ended (${info.status}); import it when it has`, false);
    return;
  }
  try {
    await client.storeForeignRun(await readRun(server, found, state));
    done.stored += 1;
  } catch (error) {
    if (!isOfRun(error)) throw error;
    leave([error.message, ...error.faults.map(({ pointer, detail }) => `${pointer} ${detail}`)].join('; '), true);
  }
}

/** Whether only this run is concerned; other errors would meet the next one too. */
const isOfRun = (error: unknown): error is TrainyardError =>
  error instanceof TrainyardError && ['invalid_input', 'payload_too_large', 'not_found'].includes(error.code);

async function readRun(
  server: MlflowServer,
  { experiment, run }: Found,
  state: ForeignState,
): Promise<ForeignRunRequest> {
  const { info, data, inputs } = run;
  const startedAt = timeOf(info.start_time ?? info.end_time ?? 0);
  return {
    source: 'mlflow',
    server: server.url,
    experiment: experiment.name,
    runId: info.run_id,
    name: info.run_name === '' ? null : info.run_name,
    state,
    startedAt,
    finishedAt: info.end_time == null ? startedAt : timeOf(info.end_time),
    dataset: inputs.dataset_inputs[0]?.dataset.name ?? null,
    params: data.params,
    tags: data.tags,
    metrics: await histories(
      server,
      info.run_id,
      data.metrics.map(({ key }) => key),
    ),
  };
}

async function histories(server: MlflowServer, runId: string, keys: readonly string[]): Promise<ForeignMetric[]> {
  const metrics: ForeignMetric[] = [];
  for (let i = 0; i < keys.length; i += atOnce) {
    metrics.push(...(await Promise.all(keys.slice(i, i + atOnce).map((key) => history(server, runId, key)))));
  }
  return metrics.filter(({ values }) => values.length > 0);
}

async function history(server: MlflowServer, runId: string, key: string): Promise<ForeignMetric> {
  const points = await server.history(runId, key);
  return {
    key,
    steps: points.map(({ step }) => step),
    times: points.map(({ timestamp }) => timestamp),
    values: points.map(({ value }) => value),
  };
}

/** @throws TrainyardError for a time that RFC 3339 does not have */
function timeOf(milliseconds: number): string {
  const time = new Date(milliseconds);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new TrainyardError('invalid_input', `its time of ${milliseconds} ms since 1970 is no date`);
}
