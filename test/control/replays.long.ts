import { quickSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

it('a replay is bitwise equal, and one with another digit of the rate diverges at epoch 1', async () => {
  const served = await useServed();
  const { client } = served;
  await served.startWorker();
  const spec = { ...quickSpec, epochs: 3, augmentation: { flip: true }, schedule: 'cosine' as const };
  const { id } = await client.submit(spec);
  await waitForEnd(client, id);
  const same = await client.replay(id);
  await waitForEnd(client, same.id);
  const equal = await client.replayReport(same.id);
  console.log(JSON.stringify(equal));
  expect(equal).toMatchObject({ verdict: 'bitwiseEqual', epochsCompared: 3, weightsEqual: true, changed: [] });
  const other = await client.replay(id, { changes: { learningRate: 0.050001 } });
  await waitForEnd(client, other.id);
  const apart = await client.replayReport(other.id);
  console.log(JSON.stringify(apart));
  expect(apart).toMatchObject({ verdict: 'diverged', message: 'diverged at epoch 1', changed: ['learningRate'] });
});
