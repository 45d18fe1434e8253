import { useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

const archive = process.env.TRAINYARD_CIFAR10;
if (!archive) console.warn('SKIPPED: the comparison of real runs. Set TRAINYARD_CIFAR10 to an archive of CIFAR-10.');

/** Few images, so that it takes minutes on two cores; the test has all 10,000. */
const dataset = { name: 'cifar10', limit: 6000, splitSeed: 1 };
const lenet = { dataset, architecture: 'lenet', recipe: 'tuned' as const, epochs: 12 };
const vgg6 = { dataset, architecture: 'vgg6', recipe: 'tuned' as const, epochs: 6, seed: 1 };

it.runIf(archive)(
  'two seeds of lenet tie, and the tuned vgg6 is better than both',
  async () => {
    const served = await useServed();
    const { client } = served;
    await served.startWorker();
    const upload = await client.upload(archive as string);
    const { id } = await client.createImport({ uploadId: upload.id, name: 'cifar10' });
    expect(await client.waitForImport(id)).toMatchObject({ state: 'succeeded' });
    const jobs: string[] = [];
    for (const spec of [{ ...lenet, seed: 1 }, { ...lenet, seed: 2 }, vgg6]) jobs.push((await client.submit(spec)).id);
    for (const job of jobs) expect(await waitForEnd(client, job, 1_500_000)).toMatchObject({ state: 'succeeded' });
    const [one, two, better] = jobs as [string, string, string];
    const { pairs, leaderboard, jobs: compared, seeds } = await client.compare(jobs);
    console.log(JSON.stringify({ compared, pairs, seeds }, null, 1));
    expect(pairs.map(({ significant }) => significant)).toEqual([false, true, true]);
    expect(leaderboard.map(({ rank, jobId }) => [rank, jobId]).slice(0, 1)).toEqual([[1, better]]);
    expect(leaderboard.slice(1).map(({ rank, tiedWith }) => [rank, tiedWith.length])).toEqual(Array(2).fill([2, 1]));
    expect(seeds[0]?.jobs).toEqual([one, two]);
    // The confusion matrix and the kept predictions are of one test.
    const { confusion, classes } = await client.results(better);
    const cell = await client.predictions(better, {
      actual: classes[3]?.class ?? '',
      predicted: classes[5]?.class ?? '',
    });
    expect(cell.matched).toBe(confusion[3]?.[5]);
    const never = await client.datasetPredictions('cifar10', { show: 'neverRight', limit: 5 });
    const suspected = await client.datasetPredictions('cifar10', { show: 'suspected', limit: 5 });
    console.log(
      JSON.stringify({ cats: cell.matched, never: never.matched, suspected: suspected.matched, rows: never.data }),
    );
    for (const { image } of never.data) {
      expect((await client.imageRuns('cifar10', image, { wrong: true })).data).toHaveLength(3);
    }
  },
  1_800_000,
);
