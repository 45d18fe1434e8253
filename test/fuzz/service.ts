import { readFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import { DiskArtifactStore } from '@trainyard/artifacts';
import { DatasetStores } from '@trainyard/datasets';
import { openDatabase } from '@trainyard/db';
import { createTestDatabase } from '@trainyard/test-kit';
import { createHome, NodeProcess } from '@trainyard/test-kit/service';
import supertest from 'supertest';
import { finishedJob, startJob } from '../../apps/api/test/support/jobs.js';
import { submit } from '../../apps/api/test/support/service.js';
import type { FuzzRequest } from './requests.js';

/** The fuzz test fails when an answer takes longer. */
const hangMs = 20_000;

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** An API process with a job in each of several states, and a way to send it anything. */
export async function startFuzzedService() {
  const home = await createHome();
  const database = await createTestDatabase();
  const api = new NodeProcess('api', [], {
    TRAINYARD_HOME: home.folder,
    TRAINYARD_PORT: '0',
    TRAINYARD_REQUESTS_PER_MINUTE: '0',
    DATABASE_URL: database.url,
  });
  await api.line(/"ready":\s*true/);
  const { url, apiKey } = JSON.parse(await readFile(path.join(home.folder, 'credentials.json'), 'utf8'));
  const agent = supertest.agent(url).set('authorization', `Bearer ${apiKey}`);
  const db = await openDatabase(database.url);
  const artifacts = new DiskArtifactStore(path.join(home.folder, 'artifacts'));
  const datasets = new DatasetStores(path.join(home.folder, 'datasets'));
  const service = { agent, db, artifacts, datasets };
  const dataset = { dataset: 'stripes' };
  /** One job that has ended, one that runs, and two that wait. A deleted one is created again. */
  const creators = [
    () => finishedJob(service, dataset),
    async () => (await startJob(service, dataset)).jobId,
    () => submit(service, dataset),
    () => submit(service, { ...dataset, architecture: 'cnn3' }),
  ];
  const ids = {
    job: await Promise.all(creators.map((create) => create())),
    upl: [(await agent.post('/v1/uploads').set('upload-length', '9').send()).body.id as string],
    imp: [(await agent.post('/v1/imports').send({ url: 'https://localhost:9/set.zip' })).body.id as string],
    key: [(await agent.post('/v1/keys').send({ name: 'spare' })).body.id as string],
  };
  const connections = new Agent({ keepAlive: true, maxSockets: 1 });
  const document = (await agent.get('/openapi.json')).body;

  /** @throws when the connection breaks or no answer comes. */
  const send = async ({ method, path: raw, headers, body }: FuzzRequest): Promise<Answer> => {
    const known = raw.replace(
      /@(job|key|upl|imp)(\d+)/,
      (_, kind: keyof typeof ids, n) => ids[kind][Number(n) % ids[kind].length] ?? '',
    );
    const authorized = { ...headers, authorization: `Bearer ${apiKey}` };
    const answer = await sendRaw(url, connections, { method, path: known, headers: authorized, body });
    if (method === 'DELETE' && answer.status === 204) await replace(known);
    return answer;
  };
  const replace = async (deleted: string) => {
    const slot = ids.job.findIndex((id) => deleted.includes(id));
    const create = creators[slot];
    if (create) ids.job[slot] = await create();
  };
  const stop = async () => {
    connections.destroy();
    await db.close();
    const code = api.ended ? 'ended before' : await api.end('SIGTERM');
    await database.drop();
    await home.remove();
    return code;
  };
  return { url, apiKey, api, document, send, stop };
}

function sendRaw(
  url: string,
  agent: Agent,
  { method, path, headers, body }: Omit<FuzzRequest, 'route'>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = request({ hostname, port, method, path, agent, headers: { ...headers, ...length } }, (response) => {
      let text = '';
      const done = () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      };
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => {
        text += chunk;
        // A live stream would stay open until its job ends.
        if (!response.headers['content-type']?.startsWith('text/event-stream')) return;
        sent.destroy();
        done();
      });
      response.on('end', done);
      response.on('error', () => {});
    });
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${hangMs / 1000} s`));
      sent.destroy();
    }, hangMs);
    sent.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    sent.end(body ?? undefined);
  });
}
