import { newId } from '@trainyard/db';
import pg from 'pg';
import { expect, it } from 'vitest';
import { checkpoint, metrics, submission, testResults, useDatabase } from '../fixtures.js';

const suite = useDatabase();

it('counts seconds and cost over all attempts, and keeps why training stopped', async () => {
  const { job } = await suite.db.jobs.submit(submission({ stopAfter: { cost: 2 } }));
  expect(job).toMatchObject({ cost: null, stopped: null, spec: { stopAfter: { seconds: null, cost: 2 } } });
  const first = await suite.db.attempts.openNext(newId('wrk'), 7.2);
  expect(first).toMatchObject({ jobId: job.id, spentSeconds: 0, spentCost: 0 });
  await suite.db.attempts.handBack(first?.token ?? '', null);
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  await client.query(`UPDATE attempts SET started_at = finished_at - interval '500 seconds'`);
  await client.end();
  const second = await suite.db.attempts.openNext(newId('wrk'));
  expect(second?.spentSeconds).toBeCloseTo(500, 3);
  expect(second?.spentCost).toBeCloseTo(1, 5);
  const token = second?.token ?? '';
  await suite.db.attempts.epoch(token, metrics(1), checkpoint(job.id, 2, 1));
  await suite.db.attempts.succeed(token, testResults(1), { stopped: 'cost' });
  const ended = await suite.db.jobs.find(job.id);
  expect(ended).toMatchObject({ state: 'succeeded', stopped: 'cost' });
  expect(ended?.cost).toBeCloseTo(1, 5);
  const events = await suite.db.events.list(job.id, 0, 100);
  expect(events.at(-1)).toMatchObject({ type: 'succeeded', data: { stopped: 'cost' } });
});
