import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { submission, useDatabase } from '../fixtures.js';

const suite = useDatabase();

const use = (dataset: string) => ({ project: 'default', dataset, version: null });

describe('a change of a dataset', () => {
  it('is refused while a job that has not ended needs it, and names the job', async () => {
    const { job } = await suite.db.jobs.submit(submission({ dataset: 'pets' }));
    const change = () => suite.db.database.changeUnused(use('pets'), async () => 'changed');
    await expect(change()).rejects.toThrow(`pets is needed by jobs that have not ended (${job.id})`);
    await suite.db.jobs.cancel(job.id);
    expect(await change()).toBe('changed');
  });

  it('makes jobs for this dataset wait, and no others', async () => {
    const order: string[] = [];
    const submit = async (dataset: string) => {
      await suite.db.jobs.submit(submission({ dataset }));
      order.push(dataset);
    };
    let waiting: Promise<void> | undefined;
    await suite.db.database.changeUnused(use('birds'), async () => {
      await submit('fish');
      waiting = submit('birds');
      await sleep(200);
      order.push('changed');
    });
    await waiting;
    expect(order).toEqual(['fish', 'changed', 'birds']);
  });
});
