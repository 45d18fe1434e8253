/** Logs runs into MLflow: by its API, or by SQL into its tables, with the rows that its API writes. */
import pg from 'pg';
import { metricsOf, pairsOf, type Run } from './runs.js';
import type { MlflowServer } from './server.js';

/** Sends one request to MLflow's API, and reads the answer. @throws for any status but 200 */
export async function call<T>(url: string, body?: object): Promise<T> {
  const post = body && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  const answer = await fetch(url, post);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

/** Ids of MLflow's experiments, by name; an experiment is created when its first run comes. */
export class Experiments {
  readonly #ids = new Map<string, Promise<string>>();

  constructor(private readonly server: MlflowServer) {}

  idOf(name: string): Promise<string> {
    const id = this.#ids.get(name) ?? this.#create(name);
    this.#ids.set(name, id);
    return id;
  }

  all(): Promise<string[]> {
    return Promise.all(this.#ids.values());
  }

  async #create(name: string): Promise<string> {
    const created = await call<{ experiment_id: string }>(`${this.server.url}/api/2.0/mlflow/experiments/create`, {
      name,
    });
    return created.experiment_id;
  }
}

/** As a client does it: create, log-batch, update. The id of our job becomes the name of the run. */
export async function logByApi({ url }: MlflowServer, experiments: Experiments, run: Run): Promise<void> {
  const api = `${url}/api/2.0/mlflow/runs`;
  const created = await call<{ run: { info: { run_id: string } } }>(`${api}/create`, {
    experiment_id: await experiments.idOf(run.experiment),
    run_name: run.id,
    user_id: 'bench',
    start_time: run.startedAt,
  });
  const { run_id } = created.run.info;
  const params = pairsOf(run.params);
  await call(`${api}/log-batch`, { run_id, metrics: metricsOf(run), params, tags: pairsOf(run.tags) });
  await call(`${api}/update`, { run_id, status: run.status, end_time: run.finishedAt ?? undefined });
}

/** Tables, the columns that are filled, and those of the JSON rows. */
const inserts = {
  runs: `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,
      end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)
    SELECT run_uuid, name, 'UNKNOWN', '', '', 'bench', status, start_time, end_time, '', 'active',
      'mlflow-artifacts:/' || experiment_id || '/' || run_uuid || '/artifacts', experiment_id
    FROM json_to_recordset($1) AS x(run_uuid text, name text, status text, start_time int8, end_time int8,
      experiment_id int)`,
  metrics: `INSERT INTO metrics (run_uuid, key, value, timestamp, step, is_nan)
    SELECT run_uuid, key, value, timestamp, step, false
    FROM json_to_recordset($1) AS x(run_uuid text, key text, value float8, timestamp int8, step int8)`,
  latest_metrics: `INSERT INTO latest_metrics (run_uuid, key, value, timestamp, step, is_nan)
    SELECT run_uuid, key, value, timestamp, step, false
    FROM json_to_recordset($1) AS x(run_uuid text, key text, value float8, timestamp int8, step int8)`,
  params: `INSERT INTO params (run_uuid, key, value)
    SELECT * FROM json_to_recordset($1) AS x(run_uuid text, key text, value text)`,
  tags: `INSERT INTO tags (run_uuid, key, value)
    SELECT * FROM json_to_recordset($1) AS x(run_uuid text, key text, value text)`,
} as const;

/** Much faster than the API; a run's id is our job's, without its underscore. */
export class SqlLog {
  private constructor(
    private readonly client: pg.Client,
    private readonly experiments: Experiments,
  ) {}

  static async open({ databaseUrl }: MlflowServer, experiments: Experiments): Promise<SqlLog> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query('SET session_replication_role = replica; SET synchronous_commit = off');
    return new SqlLog(client, experiments);
  }

  async log(runs: Run[]): Promise<void> {
    const rows: Record<keyof typeof inserts, object[]> = {
      runs: [],
      metrics: [],
      latest_metrics: [],
      params: [],
      tags: [],
    };
    for (const run of runs) {
      const run_uuid = run.id.replace('_', '');
      const metrics = metricsOf(run).map((metric) => ({ run_uuid, ...metric }));
      const latest = new Map(metrics.map((metric) => [metric.key, metric]));
      rows.runs.push({
        run_uuid,
        name: run.id,
        status: run.status,
        start_time: run.startedAt,
        end_time: run.finishedAt,
        experiment_id: Number(await this.experiments.idOf(run.experiment)),
      });
      rows.metrics.push(...metrics);
      rows.latest_metrics.push(...latest.values());
      rows.params.push(...pairsOf(run.params).map((pair) => ({ run_uuid, ...pair })));
      const tags = { ...run.tags, 'mlflow.runName': run.id };
      rows.tags.push(...pairsOf(tags).map((pair) => ({ run_uuid, ...pair })));
    }
    for (const [table, statement] of Object.entries(inserts))
      await this.client.query(statement, [JSON.stringify(rows[table as keyof typeof inserts])]);
  }

  async close(): Promise<void> {
    await this.client.query('VACUUM ANALYZE');
    await this.client.end();
  }
}
