import { createHash } from 'node:crypto';
import { storeCheckpoint } from './checkpoint.mjs';
import { closedLoop, summary } from './load.mjs';
import { datasetName } from './stack.mjs';
import { watch } from './watchers.mjs';

/** What is measured, in the order of the table. Each gives figures of `summary`. */

const spec = { architecture: 'lenet', dataset: datasetName, epochs: 3, experiment: 'bench' };
const get = (path, headers = {}) => ({ method: 'GET', path, headers });
const post = (path, body, headers = {}) => ({
  ...{ method: 'POST', path, body: JSON.stringify(body) },
  headers: { 'content-type': 'application/json', ...headers },
});
const oneOf = (items) => items[Math.floor(Math.random() * items.length)];

/** Submits as fast as `connections` clients can; then every answered job must be there once, under the key it was sent with. */
export async function submits({ service, client, connections, seconds }) {
  const answered = new Map();
  let count = 0;
  const figures = await closedLoop({
    ...{ ...service, connections, seconds, expected: 202 },
    next() {
      count += 1;
      return post('/v1/jobs', { ...spec, name: `bench ${count}` }, { 'idempotency-key': `bench-${count}` });
    },
    answered: (body, sent) => answered.set(JSON.parse(body).id, sent.headers['idempotency-key']),
  });
  const { rows } = await client.query(`SELECT id, idempotency_key AS key FROM jobs WHERE experiment = 'bench'`);
  const stored = new Map(rows.map(({ id, key }) => [id, key]));
  const lost = [...answered].filter(([id, key]) => stored.get(id) !== key).length;
  const twice = rows.length - new Set(rows.map(({ key }) => key)).size;
  // When time is up, each connection may have one under way that is stored and was not answered.
  const unanswered = Math.max(0, stored.size - answered.size - connections);
  return { ...figures, errors: figures.errors + lost + twice + unanswered };
}

export const polls = ({ service, seconds, ids }) =>
  closedLoop({ ...service, connections: 50, seconds, expected: 200, next: () => get(`/v1/jobs/${oneOf(ids)}`) });

export async function unchangedPolls({ service, seconds, ids }) {
  const tagged = await Promise.all(
    ids.map(async (id) => [id, (await fetchFrom(service, `/v1/jobs/${id}`)).headers.get('etag')]),
  );
  const next = () => {
    const [id, etag] = oneOf(tagged);
    return get(`/v1/jobs/${id}`, { 'if-none-match': etag });
  };
  return closedLoop({ ...service, connections: 50, seconds, expected: 304, next });
}

/** Pages of a list, drawn from all of it: its cursors are collected first. */
export async function pages({ service, seconds, path }) {
  const cursors = await cursorsOf(service, path);
  const next = () => get(`${path}${oneOf(cursors)}`);
  return closedLoop({ ...service, connections: 2, seconds, expected: 200, next });
}

async function cursorsOf(service, path) {
  const cursors = [''];
  for (;;) {
    const { nextCursor } = await (await fetchFrom(service, `${path}${cursors.at(-1)}&limit=500`)).json();
    if (nextCursor === null) return cursors;
    cursors.push(`&cursor=${nextCursor}`);
  }
}

export const watchers = ({ service, jobs, watchersPerJob, epochs }) => {
  const submit = async () => {
    const { method, path, headers, body } = post('/v1/jobs', { ...spec, experiment: 'watched', maxAttempts: 1 });
    return (await (await fetchFrom(service, path, { method, headers, body })).json()).id;
  };
  return watch({ ...service, submit, jobs, watchersPerJob, epochs });
};

/** Whole files, each compared with its digest. */
export async function downloads({ service, client, seconds }) {
  const jobId = await storeCheckpoint(service, client);
  const times = [];
  let [bytes, errors] = [0, 0];
  const begin = performance.now();
  const download = async () => {
    while (performance.now() - begin < seconds * 1000) {
      const sent = performance.now();
      const answer = await fetchFrom(service, `/v1/jobs/${jobId}/checkpoints/best/download?format=safetensors`);
      const hash = createHash('sha256');
      for await (const part of answer.body) {
        hash.update(part);
        bytes += part.length;
      }
      if (answer.headers.get('etag') !== `"${hash.digest('hex')}"`) errors += 1;
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: 8 }, download));
  const elapsed = (performance.now() - begin) / 1000;
  return { ...summary(times, elapsed, errors), megabytesPerSecond: bytes / 1e6 / elapsed };
}

export const fetchFrom = ({ url, apiKey }, path, { headers, ...options } = {}) =>
  fetch(`${url}${path}`, { ...options, headers: { authorization: `Bearer ${apiKey}`, ...headers } });
