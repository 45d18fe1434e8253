import { createHash } from 'node:crypto';
import { stripes } from '@trainyard/test-kit/datasets';
import type { EmbeddedStack } from '@trainyard/test-kit/service';
import { expect } from 'vitest';

/** What the program `round` of each language prints. */
export interface Round {
  preset: {
    id: string;
    state: string;
    /** Milliseconds since 1970. */
    finished: number;
    dataset: string;
    optimizer: string;
    losses: number[];
    accuracy: number;
    diagonal: number[];
  };
  custom: { id: string; state: string; kernel: number[]; pool: number[]; inner: string[] };
  ended: { id: string; state: string; deletion: number; afterwards: Refusal };
  listed: string[];
  checkpoint: { epoch: number; inputShape: number[]; bytes: number; sha256: string };
  invalid: Refusal;
  history: { jobs: string[]; csv: string };
}
interface Refusal {
  status: number;
  code: string;
  pointers: string[];
}

/** Compares what a generated client read with what the service answers to plain requests. */
export async function checkRound(round: Round, { url, apiKey, client }: EmbeddedStack): Promise<void> {
  const { preset, custom, ended, checkpoint } = round;
  const job = await client.job(preset.id);
  const metrics = await client.metrics(preset.id);
  const results = await client.results(preset.id);
  expect(preset).toEqual({
    id: job.id,
    state: 'succeeded',
    finished: Date.parse(job.finishedAt ?? ''),
    dataset: stripes.name,
    optimizer: 'sgd',
    // All digits: a client that reads a float32 has other numbers.
    losses: metrics.map(({ validationLoss }) => validationLoss),
    accuracy: results.accuracy,
    diagonal: results.confusion.map((row, label) => row[label]),
  });
  expect(metrics).toHaveLength(2);
  expect(custom).toEqual({
    id: expect.any(String),
    state: 'succeeded',
    kernel: [3, 3],
    pool: [2, 2],
    inner: ['conv2d'],
  });
  expect(ended).toMatchObject({
    state: 'cancelled',
    deletion: 204,
    afterwards: { status: 404, code: 'not_found', pointers: [] },
  });
  expect(round.listed).toEqual([custom.id, preset.id]);
  expect(round.invalid).toMatchObject({ status: 422, code: 'invalid_spec' });
  expect(round.invalid.pointers).toContain('/epochs');
  const get = (path: string) => fetch(`${url}${path}`, { headers: { authorization: `Bearer ${apiKey}` } });
  const file = Buffer.from(
    await (await get(`/v1/jobs/${preset.id}/checkpoints/best/download?format=safetensors`)).arrayBuffer(),
  );
  expect(checkpoint).toEqual({
    epoch: job.best?.epoch,
    inputShape: [32, 32, 3],
    bytes: file.length,
    sha256: createHash('sha256').update(file).digest('hex'),
  });
  expect(round.history.jobs).toEqual([preset.id, custom.id]);
  expect(round.history.csv).toBe(await (await get('/v1/results?format=csv&sort=finishedAt')).text());
}
