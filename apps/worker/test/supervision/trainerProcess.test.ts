import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { completeJobSpecSchema, type StartCommand, type TrainerMessage } from '@trainyard/contracts';
import { afterEach, describe, expect, it } from 'vitest';
// The build output: a process cannot be forked from the sources.
import { TrainerDied, TrainerProcess } from '../../dist/supervision/trainerProcess.js';

let trainer: TrainerProcess;
afterEach(() => trainer.kill());

const command: Omit<StartCommand, 'type'> = {
  jobId: 'job_1',
  attempt: 1,
  spec: completeJobSpecSchema.parse({ architecture: 'lenet', seed: 1 }),
  dataset: {
    name: 'none',
    version: 1,
    digest: '0',
    imageShape: [32, 32, 3],
    classes: ['a', 'b'],
    trainImages: 100,
    validationImages: 0,
    testImages: 10,
    notes: [],
    warnings: [],
    mean: [0, 0, 0],
    std: [1, 1, 1],
    bytes: 0,
    source: 'none',
    importedAt: new Date().toISOString(),
  },
  datasetFile: '/nowhere/1.packed',
  resumeFrom: null,
  bestSoFar: null,
  tests: null,
  initialWeights: null,
  limit: null,
  stagingFolder: '/nowhere',
  executor: 'auto',
  device: 'cpu',
};

async function lastOf(messages: AsyncIterable<TrainerMessage>): Promise<TrainerMessage | TrainerDied | undefined> {
  let last: TrainerMessage | undefined;
  try {
    for await (const message of messages) last = message;
    return last;
  } catch (error) {
    if (error instanceof TrainerDied) return error;
    throw error;
  }
}

describe('a trainer', () => {
  it('reports what it cannot do in its last message, and exits', async () => {
    trainer = new TrainerProcess({ threads: 1 });
    expect(await lastOf(trainer.start(command))).toMatchObject({ type: 'failed' });
    await trainer.exited;
  });

  it('that hangs is killed and reported as hung', async () => {
    trainer = new TrainerProcess({ threads: 1, silenceSeconds: 2 });
    process.kill(trainer.pid as number, 'SIGSTOP');
    const died = await lastOf(trainer.start(command));
    expect(died).toBeInstanceOf(TrainerDied);
    expect(died).toMatchObject({ failure: { code: 'trainer_hung' } });
  });

  it('that is killed is reported as crashed', async () => {
    trainer = new TrainerProcess({ threads: 1 });
    const messages = trainer.start(command);
    process.kill(trainer.pid as number, 'SIGKILL');
    expect(await lastOf(messages)).toMatchObject({ failure: { code: 'trainer_crashed' } });
  });

  it('ignores the Ctrl-C of a terminal, which reaches every process', async () => {
    trainer = new TrainerProcess({ threads: 1 });
    const pid = trainer.pid as number;
    // It loads its addon after it has set its handlers; before, no signal can be ignored.
    await expect.poll(() => readFileSync(`/proc/${pid}/maps`, 'utf8'), { timeout: 30_000 }).toContain('.node');
    process.kill(pid, 'SIGINT');
    process.kill(pid, 'SIGTERM');
    expect(await lastOf(trainer.start(command))).toMatchObject({ type: 'failed' });
  });

  it('exits when its worker is gone', async () => {
    const entry = fileURLToPath(new URL('../../dist/trainer/main.js', import.meta.url));
    const script = `const child = require('child_process').fork(${JSON.stringify(entry)}, ['1']);
      console.log(child.pid); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1000)`;
    const worker = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = Number(await new Promise((resolve) => worker.stdout.once('data', (text) => resolve(String(text)))));
    await new Promise((resolve) => worker.once('exit', resolve));
    await expect.poll(() => lives(pid), { timeout: 10_000 }).toBe(false);
    trainer = new TrainerProcess({ threads: 1 });
  });
});

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
