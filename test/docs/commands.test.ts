import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishedJob } from '../../apps/api/test/support/jobs.js';
import { addDataset, listen, type Service, startService } from '../../apps/api/test/support/service.js';
import { run } from '../../apps/cli/src/run.js';
import { captureTerminal } from '../../apps/cli/test/support/captureTerminal.js';
import { root } from '../packaging/support.js';
import { blocksOf, commandsOf, pages } from './pages.js';

/* The commands of the documents, run against a service without workers: its jobs ended before. */

/** Commands that are only parsed (calls.test.ts), and what runs them. */
const onlyParsed: [command: RegExp, why: string][] = [
  [/^(up|stop)$/, 'test/e2e/upAndItsTerminal.test.ts and statusAndStop.test.ts'],
  [/^dataset import cifar10$/, 'downloads 170 MB; test/e2e/datasets.test.ts imports an archive'],
  [/^dataset upload /, 'needs the importer; test/e2e/datasetsOverHttp.test.ts'],
  [/^weights upload |upl_…/, 'needs weights of PyTorch; apps/api/test/routes/v1/initialWeights.test.ts'],
  [/^predict (\.\/photos|photos\.zip|cifar10) /, 'needs a worker; test/e2e/batchPredictions.test.ts'],
  [/^(export|import) .* --url /, 'needs another service; test/leave'],
  [/^import mlflow /, 'needs an MLflow server; apps/cli/test/importMlflow.test.ts'],
  [/^verify /, 'takes seconds; apps/api/test/routes/v1/verify.test.ts'],
];

/** Commands that end with 2 here. */
const refused: [part: RegExp, why: string][] = [
  [/^watch .*state IN \(queued, running\)/, 'no job of the sweep runs'],
  [/initialWeights\.job=/, 'the job of this test is a lenet, whose weights do not fit into cnn3'],
];

let service: Service;
let folder: string;
let env: NodeJS.ProcessEnv;
/** What stands for the ids of the documents: the first of a command is the first here. */
let ids: Record<string, string[]>;
/** A job of the experiment cifar. */
let cifar: string;
const before = process.cwd();

beforeAll(async () => {
  service = await startService();
  folder = await mkdtemp(path.join(tmpdir(), 'trainyard-commands-'));
  const url = `http://127.0.0.1:${await listen(service)}`;
  env = { TRAINYARD_URL: url, TRAINYARD_API_KEY: service.admin.secret, TRAINYARD_HOME: path.join(folder, 'home') };
  const changes = { experiment: 'night', tags: ['night', 'sweep1'] };
  const jobs = [await finishedJob(service, changes), await finishedJob(service, changes, 180)];
  cifar = await finishedJob(service, { experiment: 'cifar' });
  await service.agent.put('/v1/experiments/night/aliases/champion').send({ jobId: jobs[0] }).expect(200);
  const key = await service.db.keys.create({ name: 'old', role: 'reader', project: 'default' });
  const webhook = await service.agent.post('/v1/webhooks').send({ url: 'https://8.8.8.8/hook' }).expect(201);
  ids = { job: jobs, key: [key.id], whk: [webhook.body.id] };
  // Commands read and write files where they are started.
  process.chdir(folder);
  await writePictures();
});
afterAll(async () => {
  process.chdir(before);
  await service?.close();
  await rm(folder, { recursive: true });
});

async function writePictures(): Promise<void> {
  for (const [i, name] of ['cat', 'dog'].entries()) {
    await mkdir(`pets/${name}`, { recursive: true });
    for (let image = 0; image < 10; image++) {
      const background = { r: 100 * i, g: 10 * image, b: 50 };
      const picture = sharp({ create: { width: 64, height: 64, channels: 3, background } });
      await picture.png().toFile(`pets/${name}/${image}.png`);
    }
  }
  await cp('pets/cat/0.png', 'cat.jpg');
  await cp('pets/dog/0.png', 'dog.png');
}

/** With the ids of this service, and without what waits for a worker. */
function runnable(words: readonly string[]): string[] {
  const used = new Map<string, number>();
  const next = (prefix: string): string => {
    const index = used.get(prefix) ?? 0;
    used.set(prefix, index + 1);
    const known = prefix === 'job' && words.includes('cifar') ? [cifar] : ids[prefix];
    return known?.[index] ?? '';
  };
  return (
    words
      .filter((word) => word !== '--watch' && word !== '--wait')
      .map((word) =>
        word
          .replace('$ID', () => next('job'))
          .replace(/\b(job|key|whk)_[0-9a-z]{23,26}\b/, (_, prefix) => next(prefix)),
      )
      // The datasets of the test service are of version 3.
      .map((word) => word.replace(/@1$/, '@3'))
  );
}

it('every command of a block does what the document says', { timeout: 60_000 }, async () => {
  const faults: string[] = [];
  for (const page of await pages(root)) {
    for (const name of ['pets', 'birds', 'other-set']) {
      if ((await service.datasets.shared.find(name, 3)) === null) await addDataset(service.datasets.shared, name);
    }
    const text = await readFile(path.join(root, page), 'utf8');
    for (const words of blocksOf(text).flatMap((block) => commandsOf(block.text))) {
      const command = words.join(' ');
      if (onlyParsed.some(([pattern]) => pattern.test(command))) continue;
      const { terminal, written } = captureTerminal();
      const code = await run(runnable(words), terminal, env);
      const expected = refused.some(([part]) => part.test(command)) ? 2 : 0;
      if (code !== expected) faults.push(`${page}: ${runnable(words).join(' ')}: exit code ${code}\n${written.error}`);
      // A job that waits keeps its dataset, which the documents then rename.
      if (words[0] === 'submit') await run(['cancel', '--filter', 'state = queued'], terminal, env);
    }
  }
  expect(faults.join('\n')).toBe('');
});
