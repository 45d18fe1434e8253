import { afterAll, beforeAll, expect, it } from 'vitest';
import { ServiceMetrics } from '#services/serviceMetrics.js';
import { finishedJob, startJob } from '../support/jobs.js';
import { type Service, startService, submit } from '../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService({ metrics: new ServiceMetrics() });
  service.options.metrics.exposeStatistics(() => service.db.statistics());
});
afterAll(() => service.close());

const scrape = async () => (await service.agent.get('/metrics').expect(200)).text;

it('/metrics has responses by route and status, and gauges of the job tables', async () => {
  const id = await finishedJob(service);
  await startJob(service);
  await submit(service);
  await service.agent.get(`/v1/jobs/${id}`).expect(200);
  await service.agent.get('/v1/jobs/nonsense').expect(400);
  await service.agent.get('/nowhere').expect(404);
  const text = await scrape();
  const count = 'trainyard_http_request_seconds_count';
  expect(text).toContain(`${count}{method="GET",route="/v1/jobs/:id",status="200"} 1`);
  expect(text).toContain(`${count}{method="GET",route="/v1/jobs/:id",status="400"} 1`);
  expect(text).toContain(`${count}{method="GET",route="none",status="404"} 1`);
  expect(text).not.toContain(id);
  expect(text).toContain('\ntrainyard_jobs_queued 1\n');
  expect(text).toContain('\ntrainyard_jobs_held 1\n');
  expect(text).toMatch(/\ntrainyard_jobs_longest_wait_seconds [0-9.]+\n/);
  expect(text).toContain('process_resident_memory_bytes');
});

it('/metrics needs an admin key', async () => {
  await service.anonymous.get('/metrics').expect(401);
  const reader = await service.db.keys.create({ name: 'reader', role: 'reader', project: 'default' });
  await service.anonymous.get('/metrics').set('authorization', `Bearer ${reader.secret}`).expect(403);
});
