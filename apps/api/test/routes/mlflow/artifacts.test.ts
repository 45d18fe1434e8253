import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedJob } from '../../support/jobs.js';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
let jobs: { best: string; waits: string };
const api = '/api/2.0/mlflow';

beforeAll(async () => {
  service = await startService();
  jobs = { best: await finishedJob(service), waits: await submit(service) };
});
afterAll(() => service.close());

describe('artifacts', () => {
  const files = '/api/2.0/mlflow-artifacts/artifacts';
  const list = async (path: string) =>
    ((await service.agent.get(files).query({ path }).expect(200)).body.files ?? []).map(
      ({ path: name }: { path: string }) => name,
    );

  it('are the checkpoints, as folders of exports', async () => {
    expect(await list(jobs.best)).toEqual(['checkpoints']);
    expect(await list(`${jobs.best}/checkpoints`)).toEqual(['best', 'epoch-1', 'epoch-2', 'last']);
    const all = await list(`${jobs.best}/checkpoints/best`);
    expect(all).toEqual(expect.arrayContaining(['manifest.json', 'model.safetensors', 'model.zip', 'SHA256SUMS']));
    for (const none of ['best/manifest.json', 'epoch-7', 'x', 'epoch-99999999999'])
      expect(await list(`${jobs.best}/checkpoints/${none}`)).toEqual([]);
    expect(await list(jobs.waits)).toEqual([]);
    const { body } = await service.agent.get(`${api}/artifacts/list?run_id=${jobs.best}&path=checkpoints`).expect(200);
    expect(body.files[0]).toEqual({ path: 'checkpoints/best', is_dir: true });
  });

  it('have the digests that SHA256SUMS lists', async () => {
    const get = async (name: string) => {
      const { body } = await service.agent
        .get(`${files}/${jobs.best}/checkpoints/best/${name}`)
        .buffer(true)
        .parse((response, done) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk) => chunks.push(chunk)).on('end', () => done(null, Buffer.concat(chunks)));
        })
        .expect(200)
        .expect('repr-digest', /^sha-256=/);
      return body as Buffer;
    };
    const lines = (await get('SHA256SUMS')).toString().trim().split('\n');
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) {
      const [digest, name = ''] = line.split('  ');
      expect(
        createHash('sha256')
          .update(await get(name))
          .digest('hex'),
        name,
      ).toBe(digest);
    }
  });

  it('are refused outside of a run', async () => {
    const { body } = await service.agent
      .get(files)
      .query({ path: `${jobs.best}/../x` })
      .expect(400);
    expect(body).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining('path') });
    for (const path of [`${jobs.best}/checkpoints/best/x`, `${jobs.best}/checkpoints/best`, 'x', '%2e%2e/x%00'])
      expect((await service.agent.get(`${files}/${path}`)).status, path).toBeGreaterThanOrEqual(400);
  });
});
