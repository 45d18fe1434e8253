import { eventually } from '@trainyard/test-kit';
import { epochsOf, longSpec, useServed, waitForEnd, waitForFirstEpoch } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

const day = 86_400_000;

/** The environment of a worker whose clock, and that of its trainers, is this far ahead. */
function clockAhead(milliseconds: number): NodeJS.ProcessEnv {
  const shift = `
    const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...given) { given.length ? super(...given) : super(Real.now() + ${milliseconds}); }
      static now() { return Real.now() + ${milliseconds}; }
    };`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift)}` };
}

it('workers whose clocks are a day ahead and a day behind share a job, and its times are the database’s', async () => {
  const served = await useServed();
  const { client } = served;
  const ahead = await served.startWorker(clockAhead(day));
  const { id } = await client.submit({ ...longSpec, epochs: 120 });
  await waitForFirstEpoch(client, id);
  expect(JSON.parse(await ahead.line(/training started/)).time).toBeGreaterThan(Date.now() + day / 2);
  // The next heartbeat of the worker, seconds later, contains its job.
  const [worker] = await eventually('the worker at work', async () => {
    const workers = await client.workers();
    return workers.some(({ jobId }) => jobId === id) && workers;
  });
  expect(worker).toMatchObject({ alive: true, jobId: id });
  await ahead.end('SIGTERM');
  await served.startWorker(clockAhead(-day));
  const job = await waitForEnd(client, id);
  expect(job).toMatchObject({ state: 'succeeded', attempt: 2 });
  expect(await epochsOf(client, id)).toHaveLength(job.spec.epochs);
  const [created, started, finished] = [job.createdAt, job.startedAt, job.finishedAt].map((time) =>
    Date.parse(time ?? ''),
  );
  expect(started).toBeGreaterThanOrEqual(created as number);
  expect(finished).toBeGreaterThan(started as number);
  expect((finished as number) - (created as number)).toBeLessThan(day / 2);
});
