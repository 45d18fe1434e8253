// Long because one walk over every operation needs an object of each kind.
import { newId } from '@trainyard/db';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foreignRun } from '../support/foreignRuns.js';
import { finishedJob, startJob, waitingPrediction } from '../support/jobs.js';
import { addDataset, type Service, startService, submit } from '../support/service.js';

/** Appears in all data of the victim, and in nothing else. */
const marker = 'zebra';
const alias = 'champion';

let service: Service;
let operations: { method: string; path: string; variants: string[]; accepts: string[] }[];
let victim: {
  jobs: string[];
  keyId: string;
  uploadId: string;
  importId: string;
  predictionId: string;
  webhookId: string;
  deliveryId: string;
  runId: string;
};
let client: pg.Client;

beforeAll(async () => {
  service = await startService();
  client = new pg.Client({ connectionString: service.databaseUrl });
  await client.connect();
  const spec = { name: `${marker}-name`, experiment: `${marker}-experiment`, tags: [marker], notes: marker };
  const running = await startJob(service, spec);
  const { id: uploadId } = await service.uploads.create('default', `${marker}.zip`, 1);
  const imported = await service.project.imports.create({
    source: { kind: 'url', url: `https://${marker}.example/` },
    options: {},
    apiKeyId: service.admin.id,
  });
  const predicted = await waitingPrediction(service, running.jobId, marker);
  const hook = { url: `https://${marker}.example/`, events: ['failed' as const], filter: null };
  const webhook = await service.project.webhooks.create(hook, service.admin.id);
  const delivery = await service.project.webhooks.test(webhook.id);
  const { run } = await service.project.foreignRuns.store(foreignRun(marker));
  victim = {
    runId: run.id,
    uploadId,
    importId: imported.id,
    predictionId: predicted.id,
    webhookId: webhook.id,
    deliveryId: delivery.id,
    jobs: [await finishedJob(service, spec), running.jobId, await submit(service, spec)],
    keyId: (await service.db.keys.create({ name: `${marker}-key`, role: 'reader', project: 'default' })).id,
  };
  const champion = { jobId: victim.jobs[0], checkpoint: 'best' };
  await service.agent.put(`/v1/experiments/${marker}-experiment/aliases/${alias}`).send(champion).expect(200);
  const worker = {
    hostname: 'h',
    pid: 1,
    executor: 'native',
    device: 'cpu',
    memoryBytes: 8e9,
    fault: null,
    jobId: running.jobId,
    attempt: 1,
  };
  await service.db.workers.heartbeat({ id: newId('wrk'), ...worker });
  await addDataset(service.datasets.project('default').own, `${marker}-set`);
  const { body } = await service.agent.get('/openapi.json').expect(200);
  operations = Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      return { method, path, variants: variantsOf(operation), accepts: acceptsOf(operation) };
    }),
  );
});
afterAll(async () => {
  await client.end();
  await service.close();
});

/** Replaces the parameters of a path by ids. @throws for an unknown parameter, so that new ones are not forgotten */
function fill(path: string, ids: Ids): string {
  const filled = path
    .replace('/v1/keys/{id}', `/v1/keys/${ids.key}`)
    .replace('/v1/jobs/{id}', `/v1/jobs/${ids.job}`)
    .replace('/v1/uploads/{id}', `/v1/uploads/${ids.upload}`)
    .replace('/v1/imports/{id}', `/v1/imports/${ids.import}`)
    .replace('/v1/predictions/{id}', `/v1/predictions/${ids.prediction}`)
    .replace('/v1/foreign-runs/{id}', `/v1/foreign-runs/${ids.run}`)
    .replace('/v1/webhooks/{id}', `/v1/webhooks/${ids.webhook}`)
    .replace('/v1/projects/{name}', `/v1/projects/${ids.dataset}`)
    .replace('/v1/datasets/{name}', `/v1/datasets/${ids.dataset}`)
    .replace('/v1/experiments/{name}', `/v1/experiments/${ids.experiment}`)
    .replace('{alias}', alias)
    .replace('{image}', '0')
    .replace('{delivery}', ids.delivery)
    .replace('{folder}/{name}', '1-2-0/weights.bin')
    .replace('{ref}', 'best');
  if (filled.includes('{')) throw new Error(`${path} has a parameter that this test does not know; add it`);
  return filled;
}

interface Ids {
  job: string;
  key: string;
  upload: string;
  import: string;
  prediction: string;
  webhook: string;
  delivery: string;
  /** A foreign run. */
  run: string;
  /** Name of a dataset. */
  dataset: string;
  /** Name of an experiment. */
  experiment: string;
}

interface Operation {
  parameters?: { name: string }[];
  responses: Record<string, { content?: object }>;
}

/** Queries that select other representations of an operation's response, and filters that match the victim's rows. */
function variantsOf({ parameters = [] }: Operation): string[] {
  const names = parameters.map(({ name }) => name);
  const all = [
    'format=csv',
    'format=safetensors',
    `experiment=${marker}-experiment`,
    'sort=accuracy',
    'foreign=true',
    'key=loss',
  ];
  return ['', ...all.filter((variant) => names.includes(variant.split('=')[0] ?? '')).map((variant) => `?${variant}`)];
}
const acceptsOf = ({ responses }: Operation): string[] => {
  const types = Object.keys(responses[200]?.content ?? {});
  return ['application/json', ...types.filter((type) => type === 'text/event-stream')];
};

/** Every response of every operation in every variant. */
async function walk(secret: string | null, ids: Ids, over = operations) {
  const answers: { what: string; method: string; status: number; text: string }[] = [];
  for (const { method, path, variants, accepts } of over) {
    for (const variant of variants) {
      for (const accept of accepts) {
        const request = service.anonymous[method as 'get'](fill(path, ids) + variant).set({ accept });
        if (secret) request.set({ authorization: `Bearer ${secret}` });
        if (path === '/v1/jobs' && method === 'post') request.send({ architecture: 'lenet' });
        const {
          status,
          headers,
          text = '',
        } = await request
          .buffer(true)
          .parse((response, done) => {
            let all = '';
            response.setEncoding('latin1');
            response.on('data', (chunk) => {
              all += chunk;
            });
            response.on('end', () => done(null, all));
          })
          .then((answer) => ({ ...answer, status: answer.status, headers: answer.headers, text: String(answer.body) }));
        const whole = `${JSON.stringify(headers)}\n${text}`;
        answers.push({ what: `${method} ${path}${variant} ${accept}`, method, status, text: whole });
      }
    }
  }
  return answers;
}

/** The response without the parts that differ between any two responses. */
const steady = (text: string, ids: Ids) =>
  Object.entries(ids)
    .reduce((all, [name, id]) => all.replaceAll(id, `<${name}>`), text)
    .replace(/req_[\w-]+/g, '<request>')
    .replace(/"date":"[^"]*"/, '')
    .replace(/"content-length":"\d+"/, '');

const everything = async () => {
  const tables = ['events', 'attempts', 'checkpoints', 'epoch_metrics', 'test_results', 'outbox'];
  const of = [...tables.map((t) => `SELECT '${t}', to_jsonb(x) FROM ${t} x WHERE job_id = ANY($1)`)];
  of.push(`SELECT 'jobs', to_jsonb(x) FROM jobs x WHERE id = ANY($1)`);
  const { rows } = await client.query(`${of.join(' UNION ALL ')} ORDER BY 1, 2`, [victim.jobs]);
  const keys = await client.query('SELECT * FROM api_keys WHERE id = $1', [victim.keyId]);
  return { rows, keys: keys.rows };
};

const unknown = {
  job: 'job_01jzzzzzzzzzzzzzzzzzzzzzzz',
  key: 'key_01jzzzzzzzzzzzzzzzzzzzzzzz',
  upload: 'upl_01jzzzzzzzzzzzzzzzzzzzzzzz',
  import: 'imp_01jzzzzzzzzzzzzzzzzzzzzzzz',
  prediction: 'prd_01jzzzzzzzzzzzzzzzzzzzzzzz',
  webhook: 'whk_01jzzzzzzzzzzzzzzzzzzzzzzz',
  delivery: `msg_${'0'.repeat(32)}`,
  run: 'run_01jzzzzzzzzzzzzzzzzzzzzzzz',
  dataset: 'nothing',
  experiment: 'nowhere',
};
const idsOf = (job: string): Ids => ({
  job,
  key: victim.keyId,
  upload: victim.uploadId,
  import: victim.importId,
  prediction: victim.predictionId,
  webhook: victim.webhookId,
  delivery: victim.deliveryId,
  run: victim.runId,
  dataset: `${marker}-set`,
  experiment: `${marker}-experiment`,
});
/** An experiment is a name that jobs have: one without jobs, and so any unknown one, has an empty list. */
const isEmptyList = (what: string) => /^(get|head) \/v1\/experiments\/\{name\}\/(aliases|record) /.test(what);
const isPublic = (what: string) => /\/(healthz|readyz|sign-in)[ ?]/.test(what);

describe('over every operation of the OpenAPI document', () => {
  it('the walk would find a leak: with its own key it finds the victim', async () => {
    const ids = idsOf(victim.jobs[0] as string);
    const reading = operations.filter(({ method }) => method === 'get');
    const seen = (await walk(service.admin.secret, ids, reading)).filter(({ text }) => text.includes(marker));
    const paths = new Set(seen.map(({ what }) => what.split(/[ ?]/)[1]));
    const shown = ['/v1/jobs', '/v1/jobs/{id}', '/v1/results', '/v1/keys', '/v1/jobs/{id}/checkpoints/{ref}'];
    const aliases = '/v1/experiments/{name}/aliases';
    for (const path of [
      ...shown,
      '/v1/foreign-runs',
      '/v1/foreign-runs/{id}',
      aliases,
      `${aliases}/{alias}`,
      '/v1/datasets',
      '/v1/datasets/{name}',
    ]) {
      expect(paths).toContain(path);
    }
  });

  it.each(['reader', 'submitter', 'admin'] as const)(
    'a %s of another project gets the same response for the victim’s ids as for unknown ids, and changes nothing',
    async (role) => {
      // A new project for each walk: the audit of the project contains the ids of its requests.
      let strangers = 0;
      const stranger = async () => {
        strangers += 1;
        return (await service.db.keys.create({ name: 'stranger', role, project: `${role}-${strangers}` })).secret;
      };
      const before = await everything();
      const nothing = await walk(await stranger(), unknown);
      for (const job of victim.jobs) {
        const ids = idsOf(job);
        const answers = await walk(await stranger(), ids);
        for (const [i, { what, text, status }] of answers.entries()) {
          const known = steady(text, ids);
          expect(known, what).not.toContain(marker);
          for (const id of [...victim.jobs, victim.keyId]) expect(known, what).not.toContain(id);
          if (!/\{(id|name)\}/.test(what)) continue;
          if (isEmptyList(what)) expect(status, what).toBe(nothing[i]?.status);
          else expect(status, what).toBeGreaterThanOrEqual(400);
          expect(known, what).toBe(steady(nothing[i]?.text ?? '', unknown));
        }
      }
      expect(await everything()).toEqual(before);
    },
  );

  it('without a key every operation responds only that a key is needed', async () => {
    const ids = idsOf(victim.jobs[0] as string);
    for (const { what, status, text, method } of (await walk(null, ids)).filter(({ what }) => !isPublic(what))) {
      expect(status, what).toBe(401);
      if (method !== 'head') expect(text, what).toContain('"unauthorized"');
      expect(text, what).not.toContain(marker);
    }
  });
});
