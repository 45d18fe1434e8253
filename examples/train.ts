/*
 * Trains a network on a Trainyard service: node train.ts [dataset]
 *
 * Needs TRAINYARD_URL and TRAINYARD_API_KEY. The client sends again what failed in passing, and its downloads go on
 * where a connection broke.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ProblemError, TrainyardClient } from '@trainyard/client';

const { TRAINYARD_URL: baseUrl = 'http://127.0.0.1:4600', TRAINYARD_API_KEY: apiKey = '' } = process.env;
const client = new TrainyardClient({ baseUrl, apiKey });
const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`;

async function train(dataset: string): Promise<string> {
  const { id } = await client.submit({ architecture: 'lenet', dataset, epochs: 2, tags: ['example'] });
  console.log('submitted', id);
  const { state, failure } = await client.waitForJob(id);
  if (state !== 'succeeded') throw new Error(`${id} ${state}: ${failure?.message} (${failure?.code})`);
  return id;
}

async function report(id: string, dataset: string): Promise<void> {
  for (const { epoch, validationLoss, validationAccuracy } of await client.metrics(id))
    console.log(`epoch ${epoch}: validation loss ${validationLoss.toFixed(4)}, ${percent(validationAccuracy)}`);
  const { accuracy, classes } = await client.results(id);
  const [worst] = classes.toSorted((a, b) => (a.accuracy ?? 1) - (b.accuracy ?? 1));
  console.log(`test accuracy ${percent(accuracy)}; worst class ${worst?.class}: ${percent(worst?.accuracy ?? 0)}`);
  const filter = `dataset = "${dataset}" AND tag = example`;
  const { data: best } = await client.history({ filter, sort: '-test.accuracy', limit: 5 });
  for (const [index, { jobId, testAccuracy }] of best.entries())
    console.log(`${index + 1}. ${jobId} ${percent(testAccuracy)}`);
}

async function downloadBest(id: string): Promise<void> {
  const { stream, sha256 } = await client.download(id, 'best', 'safetensors');
  const fileName = `${id}.safetensors`;
  const digest = createHash('sha256');
  const bytes = Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
  bytes.on('data', (block) => digest.update(block));
  await pipeline(bytes, createWriteStream(fileName));
  if (digest.digest('hex') !== sha256) throw new Error(`${fileName} is not what the service has: download it again`);
  console.log(`${fileName} sha256 ${sha256}`);
}

const [, , dataset = 'cifar10'] = process.argv;
try {
  const id = await train(dataset);
  await report(id, dataset);
  await downloadBest(id);
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  console.error(`${error.status} ${error.code}: ${error.message}`);
  for (const { pointer, detail } of error.errors) console.error(`  ${pointer}: ${detail}`);
  process.exitCode = 1;
}
