import { expect, it } from 'vitest';
import { eventTypes, metrics, runningJob, useDatabase } from '../fixtures.js';

const suite = useDatabase();

async function epochs(losses: [train: number, validation: number][]) {
  const { jobId, token } = await runningJob(suite.db);
  for (const [i, [trainLoss, validationLoss]] of losses.entries()) {
    await suite.db.attempts.epoch(token, metrics(i + 1, { trainLoss, validationLoss, best: i === 0 }), null);
  }
  const types = await eventTypes(suite.db, jobId);
  return { jobId, count: types.filter((type) => type === 'overfitting').length };
}

it('is an event once, after three epochs in which the losses move apart', async () => {
  const { jobId, count } = await epochs([
    [9, 2],
    [8, 3],
    [7, 4],
    [6, 5],
    [5, 6],
    [4, 7],
    [5, 6],
    [4, 7],
    [3, 8],
    [2, 9],
  ]);
  expect(count).toBe(1);
  const events = await suite.db.events.list(jobId, 0, 100);
  const event = events.find(({ type }) => type === 'overfitting');
  expect(event?.data).toEqual({
    epoch: 4,
    epochs: 3,
    trainLoss: 6,
    validationLoss: 5,
    from: { epoch: 1, trainLoss: 9, validationLoss: 2 },
  });
  expect(events[events.indexOf(event as never) - 1]).toMatchObject({ type: 'epoch', data: { epoch: 4 } });
});

it.each([
  [
    [
      [9, 2],
      [8, 3],
      [7, 4],
    ],
  ],
  [
    [
      [9, 2],
      [8, 3],
      [7, 3],
      [6, 4],
      [5, 5],
    ],
  ],
  [
    [
      [9, 2],
      [8, 3],
      [8, 4],
      [7, 5],
      [6, 6],
    ],
  ],
] as [[number, number][]][])('is none after %j', async (losses) => {
  expect((await epochs(losses)).count).toBe(0);
});
