/*
 * What a user does with the client that openapi-typescript and openapi-fetch make of the document: no type is asserted,
 * and every field below is read by its own type. Prints what it read as JSON; support/round.ts compares it.
 */
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';

type Job = components['schemas']['Job'];
type Problem = components['schemas']['Problem'];

const { TRAINYARD_URL: baseUrl = '', TRAINYARD_API_KEY: apiKey = '' } = process.env;
const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${apiKey}` } });

interface Answer<Data> {
  data?: Data;
  error?: Problem;
  response: Response;
}

function succeeded<Data>({ data, error, response }: Answer<Data>): Data {
  if (error) throw new Error(`${response.status} ${error.code}: ${error.detail}`);
  if (data === undefined) throw new Error(`${response.url} answered ${response.status} without a body`);
  return data;
}

function refused({ error }: Answer<unknown>) {
  if (!error) throw new Error('expected a problem');
  const { status, code, errors = [] } = error;
  return { status, code, pointers: errors.map(({ pointer }) => pointer) };
}

async function getJob(id: string): Promise<Job> {
  return succeeded(await client.GET('/v1/jobs/{id}', { params: { path: { id } } }));
}

async function waitForEnd(id: string): Promise<Job> {
  for (;;) {
    const job = await getJob(id);
    if (job.terminal) return job;
    await setTimeout(200);
  }
}

async function submit(body: components['schemas']['JobSpecInput']): Promise<string> {
  const answer = await client.POST('/v1/jobs', { body });
  const accepted = succeeded(answer);
  // 200 would be the plan of a dry run.
  if (!('state' in accepted)) throw new Error('expected a job');
  return accepted.id;
}

async function runPreset() {
  const id = await submit({
    dataset: 'stripes',
    architecture: 'lenet',
    recipe: 'article',
    optimizer: { type: 'sgd', momentum: 0.9 },
    learningRate: 0.05,
    epochs: 2,
  });
  const { state, spec, finishedAt } = await waitForEnd(id);
  const { data: epochs } = jsonOf(await client.GET('/v1/jobs/{id}/metrics', { params: { path: { id } } }));
  const results = succeeded(await client.GET('/v1/jobs/{id}/results', { params: { path: { id } } }));
  return {
    id,
    state,
    finished: new Date(finishedAt ?? '').getTime(),
    dataset: spec.dataset.name,
    optimizer: spec.optimizer.type,
    losses: epochs.map(({ validationLoss }) => validationLoss),
    accuracy: results.accuracy,
    diagonal: results.confusion.map((row, label) => row[label]),
  };
}

/** The part of an answer that has JSON or another form: the request chose JSON. */
function jsonOf<Data>(answer: Answer<Data | string>): Data {
  const data = succeeded(answer);
  if (typeof data === 'string') throw new Error('expected JSON');
  return data;
}

async function runCustom() {
  const id = await submit({
    dataset: { name: 'stripes', limit: 400 },
    architecture: {
      layers: [
        { type: 'conv2d', filters: 4, kernel: 3, padding: 'same' },
        { type: 'activation', kind: 'relu' },
        { type: 'maxPool' },
        { type: 'residual', layers: [{ type: 'conv2d', filters: 4, padding: 1 }] },
        { type: 'flatten' },
        { type: 'dense', units: 10 },
      ],
    },
    epochs: 1,
  });
  const { state, spec } = await waitForEnd(id);
  const { architecture } = spec;
  if (typeof architecture === 'string') throw new Error('expected layers');
  const [conv, , pool, residual] = architecture.layers;
  return {
    id,
    state,
    kernel: conv?.type === 'conv2d' ? conv.kernel : null,
    pool: pool?.type === 'maxPool' ? pool.size : null,
    inner: residual?.type === 'residual' ? residual.layers.map(({ type }) => type) : null,
  };
}

async function readCheckpoint(id: string) {
  const path = { id, ref: 'best' };
  const manifest = succeeded(await client.GET('/v1/jobs/{id}/checkpoints/{ref}', { params: { path } }));
  const { data, response } = await client.GET('/v1/jobs/{id}/checkpoints/{ref}/download', {
    params: { path, query: { format: 'safetensors' } },
    parseAs: 'arrayBuffer',
  });
  if (!data) throw new Error(`the download answered ${response.status}`);
  const sha256 = createHash('sha256').update(Buffer.from(data)).digest('hex');
  return { epoch: manifest.cursor.epoch, inputShape: manifest.inputShape, bytes: data.byteLength, sha256 };
}

async function cancelAndDelete() {
  const id = await submit({ dataset: 'stripes', architecture: 'lenet', recipe: 'article', epochs: 500 });
  const params = { path: { id } };
  succeeded(await client.POST('/v1/jobs/{id}/cancel', { params }));
  const { state } = await waitForEnd(id);
  const { response } = await client.DELETE('/v1/jobs/{id}', { params });
  return { id, state, deletion: response.status, afterwards: refused(await client.GET('/v1/jobs/{id}', { params })) };
}

async function readHistory() {
  const page = jsonOf(await client.GET('/v1/results', { params: { query: { sort: 'finishedAt' } } }));
  const csv = await client.GET('/v1/results', {
    params: { query: { format: 'csv', sort: 'finishedAt' } },
    parseAs: 'text',
  });
  if (typeof csv.data !== 'string') throw new Error('expected CSV');
  return { jobs: page.data.map(({ jobId }) => jobId), csv: csv.data };
}

const preset = await runPreset();
const custom = await runCustom();
const ended = await cancelAndDelete();
const query = { state: ['succeeded', 'running'] satisfies Job['state'][], limit: 10 };
const { data: jobs } = succeeded(await client.GET('/v1/jobs', { params: { query } }));
const wrong = { dataset: 'stripes', architecture: { layers: [{ type: 'dense', units: 3 } as const] }, epochs: 0 };
console.log(
  JSON.stringify({
    preset,
    custom,
    ended,
    listed: jobs.map(({ id }) => id),
    checkpoint: await readCheckpoint(preset.id),
    invalid: refused(await client.POST('/v1/jobs', { body: wrong })),
    history: await readHistory(),
  }),
);
