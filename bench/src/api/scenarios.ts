/** The measurements, in the order of the table. */
import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { fetchFrom, type Service, tinyDataset } from '../shared/service.js';
import { type LoadFigures, summarize } from '../shared/statistics.js';
import { storeCheckpoint } from './checkpoint.js';
import { closedLoop, type LoadRequest } from './load.js';
import { watch } from './watchers.js';

export interface Scenario {
  service: Service;
  /** Of the service's database. */
  client: Client;
  seconds: number;
}

const spec = { architecture: 'lenet', dataset: tinyDataset, epochs: 3, experiment: 'bench' };
const get = (path: string, headers: Record<string, string> = {}): LoadRequest => ({ method: 'GET', path, headers });
const post = (path: string, body: object, headers: Record<string, string> = {}): LoadRequest => ({
  method: 'POST',
  path,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
});
const oneOf = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)] as T;

/**
 * Submits as fast as `connections` clients can. Then each answered job must be in the database once, under the key that
 * it was sent with; every other number counts as errors.
 */
export async function submits({ service, client, seconds }: Scenario, connections: number): Promise<LoadFigures> {
  const answered = new Map<string, string | undefined>();
  let count = 0;
  const figures = await closedLoop({
    ...service,
    connections,
    seconds,
    expected: 202,
    next() {
      count += 1;
      return post('/v1/jobs', { ...spec, name: `bench ${count}` }, { 'idempotency-key': `bench-${count}` });
    },
    onAnswer: (body, sent) => answered.set(JSON.parse(body).id, sent.headers['idempotency-key']),
  });
  const { rows } = await client.query(`SELECT id, idempotency_key AS key FROM jobs WHERE experiment = 'bench'`);
  const stored = new Map(rows.map(({ id, key }) => [id, key]));
  const lost = [...answered].filter(([id, key]) => stored.get(id) !== key).length;
  const twice = rows.length - new Set(rows.map(({ key }) => key)).size;
  // At the end, each connection may have one request under way that is stored and was not answered.
  const unanswered = Math.max(0, stored.size - answered.size - connections);
  return { ...figures, errors: figures.errors + lost + twice + unanswered };
}

export const polls = ({ service, seconds }: Scenario, ids: string[]): Promise<LoadFigures> =>
  closedLoop({ ...service, connections: 50, seconds, expected: 200, next: () => get(`/v1/jobs/${oneOf(ids)}`) });

/** Polls with the ETag of the last answer. */
export async function unchangedPolls({ service, seconds }: Scenario, ids: string[]): Promise<LoadFigures> {
  const tagged = await Promise.all(
    ids.map(async (id) => ({ id, etag: (await fetchFrom(service, `/v1/jobs/${id}`)).headers.get('etag') ?? '' })),
  );
  const next = () => {
    const { id, etag } = oneOf(tagged);
    return get(`/v1/jobs/${id}`, { 'if-none-match': etag });
  };
  return closedLoop({ ...service, connections: 50, seconds, expected: 304, next });
}

/**
 * Pages of a list, drawn from the whole list: its cursors are collected first.
 * @param most cursors, each 500 rows after the one before
 */
export async function pages({ service, seconds }: Scenario, path: string, most = Infinity): Promise<LoadFigures> {
  const cursors = await cursorsOf(service, path, most);
  const next = () => get(`${path}${oneOf(cursors)}`);
  return closedLoop({ ...service, connections: 2, seconds, expected: 200, next });
}

async function cursorsOf(service: Service, path: string, most: number): Promise<string[]> {
  const cursors = [''];
  for (;;) {
    const answer = await fetchFrom(service, `${path}${cursors.at(-1)}&limit=500`);
    const { nextCursor } = (await answer.json()) as { nextCursor: string | null };
    if (nextCursor === null || cursors.length >= most) return cursors;
    cursors.push(`&cursor=${nextCursor}`);
  }
}

export function watchers({ service, seconds }: Scenario, counts: { jobs: number; watchersPerJob: number }) {
  const submit = async () => {
    const { method, path, headers, body } = post('/v1/jobs', { ...spec, experiment: 'watched', maxAttempts: 1 });
    const answer = await fetchFrom(service, path, { method, headers, body: body ?? null });
    return ((await answer.json()) as { id: string }).id;
  };
  return watch({ ...counts, service, submit, epochs: Math.ceil(5 * seconds) });
}

/** Whole files, eight at a time, each compared with its digest. */
export async function downloads({ service, client, seconds }: Scenario): Promise<LoadFigures> {
  const jobId = await storeCheckpoint(service, client, 'vgg6');
  const times: number[] = [];
  let bytes = 0;
  let errors = 0;
  const begin = performance.now();
  const download = async () => {
    while (performance.now() - begin < seconds * 1000) {
      const sent = performance.now();
      const answer = await fetchFrom(service, `/v1/jobs/${jobId}/checkpoints/best/download?format=safetensors`);
      const hash = createHash('sha256');
      for await (const part of answer.body ?? []) {
        hash.update(part);
        bytes += part.length;
      }
      if (answer.headers.get('etag') !== `"${hash.digest('hex')}"`) errors += 1;
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: 8 }, download));
  const elapsed = (performance.now() - begin) / 1000;
  return { ...summarize(times, elapsed, errors), megabytesPerSecond: bytes / 1e6 / elapsed };
}
