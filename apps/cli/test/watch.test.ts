import type { Failure } from '@trainyard/contracts';
import { describe, expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { events, fakeService, json } from './support/fakeService.js';
import { jobId, makeEpoch, makeEvent, makeJob } from './support/samples.js';

const story = [
  makeEvent(1, 'submitted'),
  makeEvent(2, 'started', { workerId: 'wrk', resumedFromEpoch: 0 }),
  makeEvent(3, 'epoch', makeEpoch({ epoch: 1, validationLoss: 1.4502, validationAccuracy: 0.45 })),
  makeEvent(4, 'warning', { code: 'slow', message: 'the disk is slow' }),
  makeEvent(5, 'epoch', makeEpoch({ epoch: 2 })),
  makeEvent(6, 'succeeded'),
];

const service = (job = makeJob()) =>
  fakeService({
    [`GET /v1/jobs/${jobId}`]: json(job),
    [`GET /v1/jobs/${jobId}/events`]: events(story),
  });

describe('watching a job', () => {
  it('prints plain lines when piped: start, epochs, warnings, and how it ended', async () => {
    const { env } = await service();
    const { terminal, written } = captureTerminal();
    expect(await run(['watch', jobId], terminal, env)).toBe(0);
    expect(written.out.split('\n')).toEqual([
      jobId,
      '  lenet (62,006 parameters) on cifar10@1',
      '  batch 20, learning rate 0.01, 30 epochs, sgd',
      '',
      'attempt 1 started',
      'computed by native on cpu',
      'epoch  1/30  train 1.4321  validation 1.4502 (45.0 %)  7,912 images/s, 2.53 ms a step  best: 1.4502',
      'warning: the disk is slow',
      'epoch  2/30  train 1.4321  validation 1.3987 (48.9 %)  7,912 images/s, 2.53 ms a step  best: 1.4502 -> 1.3987',
      '',
      'succeeded after 2 min 5 s on native cpu, 2 threads, oneDNN 2.6.3',
      '  best: epoch 12, validation loss 1.1234 (60.2 %)',
      '  Test Accuracy (Overall): 60.14 % (6014/10000)',
      '',
      `trainyard results ${jobId}`,
      `trainyard download ${jobId}`,
      '',
    ]);
    expect(written.error).toBe('');
  });

  it('reports failed attempts and the checkpoint from which the next one resumes', async () => {
    const { env } = await fakeService({
      [`GET /v1/jobs/${jobId}`]: json(makeJob()),
      [`GET /v1/jobs/${jobId}/events`]: events([
        makeEvent(1, 'attemptFailed', { code: 'trainer_crashed', message: 'the trainer was killed', attemptsLeft: 2 }),
        { ...makeEvent(2, 'started', { resumedFromEpoch: 4, resumedFromStep: 7 }), attempt: 2 },
        { ...makeEvent(3, 'handedBack'), attempt: 2 },
      ]),
    });
    const { terminal, written } = captureTerminal();
    await run(['watch', jobId], terminal, env);
    expect(written.out.split('\n').slice(4, 7)).toEqual([
      'attempt 1 failed: the trainer was killed',
      'attempt 2 started, from the checkpoint after epoch 4, step 7',
      'attempt 2 was handed back by its worker; the job waits for another',
    ]);
  });

  it('with --json prints an event a line and nothing else', async () => {
    const { env } = await service();
    const { terminal, written } = captureTerminal({ isTTY: true });
    await run(['watch', jobId, '--json'], terminal, env);
    expect(
      written.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(story);
  });

  it('on a TTY draws a status line and leaves none behind', async () => {
    const progress = {
      epoch: 2,
      epochs: 30,
      step: 1,
      stepsPerEpoch: 2000,
      fraction: 0.05,
      imagesPerSecond: 8000,
      etaSeconds: 60,
    };
    const job = makeJob({ state: 'running', terminal: false, progress });
    const { env } = await fakeService({
      [`GET /v1/jobs/${jobId}`]: json(job),
      // Left open long enough for the status to be asked for.
      [`GET /v1/jobs/${jobId}/events`]: (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        setTimeout(() => response.end('event: end\ndata: {}\n\n'), 300);
      },
    });
    const { terminal, written } = captureTerminal({ isTTY: true });
    await run(['watch', jobId], terminal, env);
    const afterLastClear = written.out.slice(written.out.lastIndexOf('\u001b[2K'));
    expect(written.out).toMatch(/epoch 2\/30 \[#-+\] 5 % {2}1\.1234 \(60\.2 %\) {2}8,000 images\/s/);
    expect(afterLastClear).not.toContain('images/s');
  });

  it('goes on from the last event seen when the stream breaks', async () => {
    let connections = 0;
    const { env, requests } = await fakeService({
      [`GET /v1/jobs/${jobId}`]: json(makeJob()),
      [`GET /v1/jobs/${jobId}/events`]: (request, response) => {
        if (connections++ > 0) return events(story)(request, response);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const event of story.slice(0, 3))
          response.write(`id: ${event.sequence}\ndata: ${JSON.stringify(event)}\n\n`);
        setTimeout(() => response.destroy(), 50);
      },
    });
    const { terminal, written } = captureTerminal();
    expect(await run(['watch', jobId], terminal, env)).toBe(0);
    expect(written.out.match(/^epoch /gm)).toHaveLength(2);
    expect(
      requests.filter(({ url }) => url.endsWith('/events')).map(({ headers }) => headers['last-event-id']),
    ).toEqual(['0', '3']);
  });
});

describe('the exit code of watching', () => {
  const failure: Failure = { code: 'diverged', message: 'the loss is not finite' };
  it.each([
    ['succeeded', {}, 0],
    ['failed', { failure, test: null }, 1],
    ['cancelled', { test: null }, 3],
  ] as const)('of a job that %s mirrors it', async (state, fields, code) => {
    const { env } = await service(makeJob({ state, ...fields }));
    const { terminal, written } = captureTerminal();
    expect(await run(['watch', jobId], terminal, env)).toBe(code);
    expect(written.out).toContain(`\n${state} after`);
    if (state === 'failed') expect(written.out).toContain('the loss is not finite (diverged)');
  });
});
