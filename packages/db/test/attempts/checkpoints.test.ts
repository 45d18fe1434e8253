import { expect, test } from 'vitest';
import { checkpoint, metrics, runningJob, useDatabase } from '../fixtures.js';

const suite = useDatabase();

/** Trains epochs, of which `best` are each the best so far; returns the keys that were removed at each. */
async function train(keep: number, epochs: number, best: number[]) {
  const { jobId, token } = await runningJob(suite.db, { checkpoint: { keep } });
  const removed: string[][] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const row = metrics(epoch, { best: best.includes(epoch) });
    const { removedKeys } = await suite.db.attempts.epoch(
      token,
      row,
      checkpoint(jobId, 1, epoch, 0, best.filter((b) => b <= epoch).at(-1)),
    );
    removed.push(removedKeys.map((key) => key.replace(`jobs/${jobId}/`, '')));
  }
  const kept = await suite.db.checkpoints.list(jobId);
  return { jobId, removed, kept: kept.map(({ epoch, best, last }) => ({ epoch, best, last })) };
}

test('the best stays, and besides it as many of the newest as the spec says', async () => {
  const { removed, kept } = await train(2, 6, [1, 3]);
  expect(removed).toEqual([[], [], [], ['1-1-0'], ['1-2-0'], ['1-4-0']]);
  expect(kept).toEqual([
    { epoch: 3, best: true, last: false },
    { epoch: 5, best: false, last: false },
    { epoch: 6, best: false, last: true },
  ]);
});

test('if the newest is the best, one before it stays in case it is damaged', async () => {
  const { kept } = await train(1, 4, [1, 2, 3, 4]);
  expect(kept).toEqual([
    { epoch: 3, best: false, last: false },
    { epoch: 4, best: true, last: true },
  ]);
});

test('a checkpoint is found as best, as last and by its epoch, with its size and digest', async () => {
  const { jobId } = await train(2, 3, [1]);
  const best = await suite.db.checkpoints.find(jobId, 'best');
  expect(best).toMatchObject({ key: `jobs/${jobId}/1-1-0`, manifest: checkpoint(jobId, 1, 1).manifest });
  expect(best?.checkpoint).toMatchObject({ bytes: 249_524, weightsSha256: 'b'.repeat(64), validationLoss: 1.1 });
  expect((await suite.db.checkpoints.find(jobId, 'last'))?.checkpoint.epoch).toBe(3);
  expect((await suite.db.checkpoints.find(jobId, 2))?.checkpoint.epoch).toBe(2);
  expect(await suite.db.checkpoints.find(jobId, 9)).toBeNull();
});

test('the two newest checkpoints within epochs stay, and replace none of a whole epoch', async () => {
  const { jobId, token } = await runningJob(suite.db, { checkpoint: { keep: 2 } });
  for (const epoch of [1, 2]) await suite.db.attempts.epoch(token, metrics(epoch), checkpoint(jobId, 1, epoch));
  for (const step of [10, 20, 30]) await suite.db.attempts.checkpoint(token, checkpoint(jobId, 1, 2, step));
  const places = async () => (await suite.db.checkpoints.list(jobId)).map(({ epoch, step }) => [epoch, step]);
  expect(await places()).toEqual([
    [1, 0],
    [2, 0],
    [2, 20],
    [2, 30],
  ]);
  await suite.db.attempts.epoch(token, metrics(3), checkpoint(jobId, 1, 3));
  expect(await places()).toEqual([
    [1, 0],
    [2, 0],
    [2, 30],
    [3, 0],
  ]);
});

test('after a new best, the previous checkpoint stays with its own best, in case the new one is damaged', async () => {
  const { jobId, token } = await runningJob(suite.db, { checkpoint: { keep: 1 } });
  const { attempts } = suite.db;
  await attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
  await attempts.epoch(token, metrics(2, { best: false }), checkpoint(jobId, 1, 2, 0, 1));
  await attempts.epoch(token, metrics(3), checkpoint(jobId, 1, 3));
  expect(await attempts.setAside(token, checkpoint(jobId, 1, 3).key)).toMatchObject({
    resumeFrom: { key: checkpoint(jobId, 1, 2).key },
    best: { key: checkpoint(jobId, 1, 1).key },
  });
});
