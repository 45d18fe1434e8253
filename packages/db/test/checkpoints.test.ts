import { expect, test } from 'vitest';
import { checkpoint, metrics, runningJob, useDatabase } from './fixtures.js';

const suite = useDatabase();

/** Trains epochs, of which `best` are each the best so far; gives the keys that were let go at each. */
async function train(keep: number, epochs: number, best: number[]) {
  const { jobId, token } = await runningJob(suite.db, { checkpoint: { keep } });
  const removed: string[][] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const row = metrics(epoch, { best: best.includes(epoch) });
    const { removedKeys } = await suite.db.attempts.epoch(token, row, checkpoint(jobId, 1, epoch));
    removed.push(removedKeys.map((key) => key.replace(`jobs/${jobId}/`, '')));
  }
  const kept = await suite.db.checkpoints.list(jobId);
  return { jobId, removed, kept: kept.map(({ epoch, best, last }) => ({ epoch, best, last })) };
}

test('the best stays, and besides it as many of the newest as the spec asks for', async () => {
  const { removed, kept } = await train(2, 6, [1, 3]);
  expect(removed).toEqual([[], [], [], ['1-1-0'], ['1-2-0'], ['1-4-0']]);
  expect(kept).toEqual([
    { epoch: 3, best: true, last: false },
    { epoch: 5, best: false, last: false },
    { epoch: 6, best: false, last: true },
  ]);
});

test('where the newest is the best, one before it stays in case it is damaged', async () => {
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
