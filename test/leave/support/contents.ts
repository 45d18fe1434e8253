import type { Client } from 'pg';

/** Rows of a table without the columns that belong to one installation, and the order of the rest. */
const tables: Record<string, string> = {
  jobs: `SELECT to_jsonb(x) - '{imported,api_key_id,virtual_start,forecast}'::text[] AS row FROM jobs x
    WHERE state IN ('succeeded', 'failed', 'cancelled')`,
  attempts: `SELECT to_jsonb(x) AS row FROM attempts x`,
  events: `SELECT to_jsonb(x) AS row FROM events x
    WHERE job_id IN (SELECT id FROM jobs WHERE state IN ('succeeded', 'failed', 'cancelled'))`,
  epoch_metrics: `SELECT to_jsonb(x) AS row FROM epoch_metrics x
    WHERE job_id IN (SELECT id FROM jobs WHERE state IN ('succeeded', 'failed', 'cancelled'))`,
  checkpoints: `SELECT to_jsonb(x) AS row FROM checkpoints x`,
  test_results: `SELECT to_jsonb(x) AS row FROM test_results x`,
  class_results: `SELECT to_jsonb(x) AS row FROM class_results x`,
  confusion_counts: `SELECT to_jsonb(x) AS row FROM confusion_counts x`,
  test_predictions: `SELECT to_jsonb(x) AS row FROM test_predictions x`,
  test_labels: `SELECT to_jsonb(x) - 'imported' AS row FROM test_labels x`,
  aliases: `SELECT to_jsonb(x) AS row FROM aliases x`,
  alias_moves: `SELECT to_jsonb(x) - 'id' AS row FROM alias_moves x`,
};

/** Rows of every table, and a digest over all of them: equal where no row is missing, doubled or different. */
export async function contentsOf(client: Client): Promise<Record<string, { rows: number; digest: string }>> {
  const contents: Record<string, { rows: number; digest: string }> = {};
  for (const [table, statement] of Object.entries(tables)) {
    const { rows } = await client.query(
      `SELECT count(*)::int AS rows, md5(string_agg(digest, '' ORDER BY digest)) AS digest
       FROM (SELECT md5(row::text) AS digest FROM (${statement}) AS each) AS digests`,
    );
    contents[table] = rows[0];
  }
  return contents;
}

/** Questions about jobs that have ended. */
export const queries = (jobs: readonly string[]): string[] => {
  const [first = '', second = '', third = ''] = jobs;
  const filtered = (filter: string) => `/v1/results?${new URLSearchParams({ filter })}`;
  return [
    '/v1/results?sort=-test.accuracy',
    '/v1/results?sort=spec.learningRate&limit=100',
    '/v1/results?sort=-train.accuracy',
    filtered('architecture = "vgg6"'),
    filtered('test.accuracy >= 0.75'),
    filtered('recall."class 3" > 0.95'),
    filtered('test.loss < 0.6 AND (precision."class 1" > 0.9 OR NOT architecture IN ("lenet", "cnn3"))'),
    '/v1/results?format=csv',
    '/v1/results?format=ndjson',
    '/v1/results/facets?field=architecture',
    '/v1/results/facets?field=experiment',
    '/v1/jobs?state=failed&limit=100',
    `/v1/jobs?${new URLSearchParams({ filter: 'tag : night AND test.accuracy > 0.7', limit: '100' })}`,
    `/v1/jobs/${first}`,
    `/v1/jobs/${first}/metrics`,
    `/v1/jobs/${second}/results`,
    `/v1/jobs/${second}/predictions?limit=100`,
    `/v1/jobs/${third}/events`,
    `/v1/jobs/${third}/checkpoints/best`,
    `/v1/jobs/${third}/logs`,
    `/v1/compare?jobs=${[first, second, third]}`,
    `/v1/curves?jobs=${[first, second]}`,
    `/v1/experiments/experiment%201/aliases`,
    `/v1/experiments/experiment%201/record`,
  ];
};
