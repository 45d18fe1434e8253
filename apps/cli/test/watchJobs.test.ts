import { stripVTControlCharacters } from 'node:util';
import type { Job } from '@trainyard/contracts';
import { describe, expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';
import { jobId, makeJob } from './support/samples.js';

const other = jobId.replace(/.$/, 'z');
const progress = {
  epoch: 3,
  epochs: 30,
  step: 1,
  stepsPerEpoch: 2000,
  fraction: 0.1,
  imagesPerSecond: 8000,
  etaSeconds: 60,
};
const running = makeJob({ state: 'running', terminal: false, progress, test: null });
const forecast = {
  startSeconds: { p10: 10, p50: 20, p90: 40 },
  runSeconds: { p10: 60, p50: 90, p90: 120 },
  similarJobs: 3,
  reason: 'the worker is busy',
};
const unstarted = { terminal: false, startedAt: null, progress: null, best: null, test: null } as const;
const queued = makeJob({ id: other, name: 'night 1', state: 'queued', ...unstarted, forecast });
const failure = { code: 'diverged', message: 'the loss is not finite' } as const;
const failed = makeJob({ id: other, name: 'night 1', state: 'failed', test: null, failure });

/** A service whose jobs are as the rounds say, one round a request; the last round stays. */
async function watch(rounds: Job[][], argv: string[], tty?: { columns: number }) {
  let round = 0;
  const { env, requests } = await fakeService({
    'GET /v1/jobs': (request, response) =>
      json({ data: rounds[Math.min(round++, rounds.length - 1)], nextCursor: null })(request, response),
  });
  const { terminal, written } = captureTerminal(tty && { isTTY: true, ...tty });
  const code = await run(['watch', ...argv], terminal, env);
  const filters = requests.map(({ url }) => new URL(url, 'http://x').searchParams.get('filter'));
  return { code, written, lines: written.out.trimEnd().split('\n'), filters };
}

/** The control characters that clear a table and go up by so many lines. */
const drawnOver = (lines: number): string => `\r\u001b[${lines}A\u001b[J`;

const story = [
  [running, queued],
  [running, { ...failed, state: 'running', terminal: false } as Job],
  [makeJob(), failed],
];

describe('watching several jobs', () => {
  it('prints a line when a job is in another state or epoch, when piped', async () => {
    const { code, lines, written } = await watch(story, [jobId, other]);
    expect(lines).toEqual([
      `${jobId}  running  epoch 3/30  accuracy ~60.2 %  loss 1.1234  time left 1 min 0 s  lenet`,
      `${other}  queued  starts in 10 s to 40 s, runs 1 min 0 s to 2 min 0 s (the worker is busy)  night 1`,
      `${other}  running  epoch 12/30  accuracy ~60.2 %  loss 1.1234  night 1`,
      `${jobId}  succeeded  epoch 12/30  accuracy 60.14 %  loss 1.1543  after 2 min 5 s  lenet`,
      `${other}  failed  epoch 12/30  accuracy ~60.2 %  loss 1.1234  after 2 min 5 s  ` +
        'the loss is not finite (diverged)  night 1',
      '1 succeeded, 1 failed',
    ]);
    expect(written.error).toBe('');
    expect(code).toBe(1);
  });

  it('draws a table over on a TTY, and leaves a line for each job that has ended', async () => {
    const { written } = await watch(story, [jobId, other], { columns: 100 });
    const [table = '', ...later] = written.out.split(drawnOver(3));
    expect(stripVTControlCharacters(table).trim().split('\n')).toEqual([
      expect.stringMatching(/^job +state +epoch +accuracy +loss +time left +name$/),
      `${jobId}  running   3/30   ~60.2 %  1.1234    1 min 0 s  lenet`,
      expect.stringMatching(new RegExp(`^${other}  queued +~1 min 30 s  night 1$`)),
      '1 running, 1 queued',
    ]);
    expect(later.at(-2)).toMatch(new RegExp(`^${other}  failed .*\\n`));
    expect(later.at(-1)).toBe('1 succeeded, 1 failed\n');
  });

  it('prints the jobs themselves with --json', async () => {
    const { lines } = await watch(
      [
        [running, queued],
        [makeJob(), failed],
      ],
      [jobId, other, '--json'],
    );
    const printed = lines.map((line) => JSON.parse(line));
    expect(printed).toEqual([running, queued, makeJob(), failed]);
  });

  it('takes the jobs of a filter as they are at the start, and of a tag', async () => {
    const rounds = [[makeJob()], [makeJob()]];
    const byFilter = await watch(rounds, ['--filter', 'state = running']);
    expect(byFilter.filters).toEqual(['state = running', `id IN ("${jobId}")`]);
    expect(byFilter.code).toBe(0);
    expect((await watch(rounds, ['--tag', 'a "b"'])).filters[0]).toBe('tag = "a \\"b\\""');
  });

  it('shows no more jobs on a TTY than its window has lines', async () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ ...running, id: jobId.replace(/..$/, String(10 + i)) }));
    const ended = many.map((job) => ({ ...makeJob(), id: job.id }));
    const { written } = await watch(
      [many, ended],
      many.map(({ id }) => id),
      { columns: 100 },
    );
    const parts = written.out.split(drawnOver(22));
    expect(parts[0]).toMatch(/\n30 running, 9 of them not shown$/);
    expect(parts.at(-1)).toBe('30 succeeded\n');
  });
});

describe('watching refuses', () => {
  it('a filter that is true for no job', async () => {
    const { code, written } = await watch([[]], ['--tag', 'nigth']);
    expect(written.error).toContain('there is no job for which this is true: tag = "nigth"');
    expect(code).toBe(2);
  });

  it.each([[[]], [[jobId, '--tag', 'night']]])('the arguments %j', async (argv) => {
    const { code, written } = await watch([[]], argv);
    expect(written.error).toContain('watch needs ids of jobs, or --filter, or --tag');
    expect(code).toBe(2);
  });
});
