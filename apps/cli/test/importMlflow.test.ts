import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json, type SeenRequest } from './support/fakeService.js';

const info = { experiment_id: '1', status: 'FINISHED', start_time: 1_780_221_600_000, end_time: 1_780_222_800_000 };
/** As a server of MLflow 2.22.5 answers: what is empty is left out, and a NaN is a text. */
const runs = [
  {
    info: { ...info, run_id: 'a1', run_uuid: 'a1', run_name: 'keras' },
    data: {
      metrics: [{ key: 'val_loss', value: 'NaN', timestamp: 1, step: 1 }],
      params: [{ key: 'lr', value: '0.01' }],
      tags: [{ key: 'night' }],
    },
    inputs: { dataset_inputs: [{ dataset: { name: 'pets', digest: 'd' } }] },
  },
  { info: { ...info, run_id: 'a2', status: 'RUNNING', end_time: undefined }, data: {} },
  { info: { ...info, run_id: 'a3', status: 'KILLED' }, data: { metrics: [{ key: 'broken' }] } },
  { info: { ...info, run_id: 'a4', status: 'FAILED', end_time: '1780222800000' } },
];
const history = [
  { key: 'val_loss', value: 0.5, timestamp: 1_780_221_600_000, step: '0' },
  { key: 'val_loss', value: 'NaN', timestamp: 1_780_221_660_000, step: '1' },
];

const bodyOf = ({ body }: SeenRequest) => JSON.parse(body);

async function mlflow() {
  return fakeService({
    'POST /api/2.0/mlflow/experiments/search': json({ experiments: [{ experiment_id: '1', name: 'vision' }] }),
    'POST /api/2.0/mlflow/runs/search': (request, response) => {
      const isFirst = bodyOf(request).page_token === undefined;
      const page = isFirst ? { runs: runs.slice(0, 2), next_page_token: 'next' } : { runs: runs.slice(2) };
      json(page)(request, response);
    },
    'GET /api/2.0/mlflow/metrics/get-history': (request, response) => {
      const query = new URL(request.url, 'http://localhost').searchParams;
      if (query.get('metric_key') === 'broken') {
        return json({ error_code: 'INTERNAL', message: 'the rows are damaged' }, 400)(request, response);
      }
      const second = query.get('page_token') !== null;
      json(second ? { metrics: history.slice(1) } : { metrics: history.slice(0, 1), next_page_token: 'x' })(
        request,
        response,
      );
    },
  });
}

/** @param present ids of runs that are stored already */
async function importFrom(url: string, present: string[], access: NodeJS.ProcessEnv = {}, ...args: string[]) {
  const { env, requests } = await fakeService({
    'GET /v1/foreign-runs': json({ data: present.map((runId) => ({ runId })), nextCursor: null }),
    'PUT /v1/foreign-runs': json({}),
  });
  const { terminal, written } = captureTerminal({ columns: 120 });
  const code = await run(['import', 'mlflow', url, ...args], terminal, { ...env, ...access });
  return { code, ...written, stored: requests.filter(({ method }) => method === 'PUT').map(bodyOf) };
}

it('stores what has ended with whole curves, and lists what it left out with the reason', async () => {
  const server = await mlflow();
  const { code, out, stored } = await importFrom(`${server.url}/`, [], { MLFLOW_TRACKING_TOKEN: 'secret' });
  expect(code).toBe(1);
  expect(stored.map(({ runId, state }) => [runId, state])).toEqual([
    ['a1', 'succeeded'],
    ['a4', 'failed'],
  ]);
  expect(stored[0]).toEqual({
    source: 'mlflow',
    server: server.url,
    experiment: 'vision',
    runId: 'a1',
    name: 'keras',
    state: 'succeeded',
    startedAt: '2026-05-31T10:00:00.000Z',
    finishedAt: '2026-05-31T10:20:00.000Z',
    dataset: 'pets',
    params: { lr: '0.01' },
    tags: { night: '' },
    metrics: [{ key: 'val_loss', steps: [0, 1], times: [1_780_221_600_000, 1_780_221_660_000], values: [0.5, null] }],
  });
  expect(out).toContain('2 runs stored, 2 left out');
  expect(out).toMatch(/a2 +vision +it has not ended \(RUNNING\)/);
  expect(out).toMatch(/a3 +vision +.* refuses with status 400: the rows are damaged/);
  expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer secret']));
});

it('reads no run again that is there', async () => {
  const server = await mlflow();
  const { code, out, stored } = await importFrom(server.url, ['a1', 'a3', 'a4']);
  expect([code, stored]).toEqual([0, []]);
  expect(out).toContain('0 runs stored, 3 there already, 1 left out');
  expect((await importFrom(server.url, ['a1', 'a3', 'a4'], {}, '--again')).stored).toHaveLength(2);
});

it('sends user and password of the URL, and keeps neither', async () => {
  const server = await mlflow();
  const url = server.url.replace('//', '//kim:pass%20word@');
  const { stored } = await importFrom(url, []);
  expect(stored[0].server).toBe(server.url);
  const basic = `Basic ${Buffer.from('kim:pass word').toString('base64')}`;
  expect(server.requests[0]?.headers.authorization).toBe(basic);
});

it.each([
  [
    'a server that refuses the access',
    json({ error_code: 'UNAUTHENTICATED', message: 'no' }, 401),
    5,
    'MLFLOW_TRACKING_TOKEN',
  ],
  ['a page of another server', json(['hello']), 2, 'no MLflow server'],
])('%s is one clear error', async (_, answer, expected, message) => {
  const server = await fakeService({ 'POST /api/2.0/mlflow/experiments/search': answer });
  const { code, error } = await importFrom(server.url, []);
  expect([code, error]).toEqual([expected, expect.stringContaining(message)]);
});

it('an experiment that the server does not have, and a URL that is none, are one clear error', async () => {
  const server = await mlflow();
  expect(await importFrom(server.url, [], {}, '--experiment', 'sound')).toMatchObject({
    code: 2,
    error: expect.stringContaining('has no experiment sound'),
  });
  expect(await importFrom('sqlite:///mlflow.db', [])).toMatchObject({
    code: 2,
    error: expect.stringContaining('must be the URL of an MLflow server'),
  });
});

it('a server that cannot be reached is reported at once', async () => {
  expect(await importFrom('http://127.0.0.1:9', [])).toMatchObject({
    code: 4,
    error: expect.stringContaining('cannot reach http://127.0.0.1:9'),
  });
});
