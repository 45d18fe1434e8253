import { createHome, NodeProcess, slowSpec, startEmbedded, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';

/** Code that every process of the stack loads: the trainer of an attempt writes a line, in two parts, and crashes. */
const crash = `
  const crash = ({ type, attempt }) => {
    if (type !== 'start' || attempt > 1) return;
    process.stderr.write('half a line, ');
    setTimeout(() => process.stderr.write('and the other\\n'), 50);
    setTimeout(() => { throw new Error('no luck today'); }, 100);
  };
  // With the trainer's own listener: an earlier one would take the message from it.
  const isTrainer = process.argv[1]?.endsWith('/trainer/main.js');
  if (isTrainer) process.on('newListener', function listen(name) {
    if (name !== 'message') return;
    process.off('newListener', listen).on('message', crash);
  });`;

it('trainyard logs says why an attempt failed, and follows the next to the end of the job', async () => {
  const home = await createHome();
  onTestFinished(() => home.remove());
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(crash)}`;
  const stack = await startEmbedded(home, { NODE_OPTIONS });
  onTestFinished(() => stack.stop());
  const { id } = await stack.client.submit({ ...slowSpec, maxAttempts: 2 });
  const env = { TRAINYARD_HOME: home.folder };
  const following = new NodeProcess('cli', ['logs', id, '--follow'], env);
  await waitForEnd(stack.client, id);
  expect(await following.exited).toBe(0);

  const messages = following.lines.map((line) => line.slice(30));
  expect(messages[0]).toBe('submitted');
  expect(messages[1]).toMatch(/^attempt 1 started by wrk_\w+$/);
  const output = messages.filter((text) => text.startsWith('trainer: '));
  expect(output[0]).toBe('trainer: half a line, and the other');
  expect(output).toContain('trainer: Error: no luck today');
  const failure = messages.findIndex((text) => text.startsWith('attempt 1 failed: the trainer ended with exit code 1'));
  expect(failure).toBeGreaterThan(messages.findLastIndex((text) => text.startsWith('trainer: ')));
  expect(messages.slice(failure)).toContainEqual(expect.stringMatching(/^epoch 4: .* on cpu$/));
  expect(messages.at(-1)).toBe('succeeded');

  const printed = new NodeProcess('cli', ['logs', id], env);
  expect(await printed.exited).toBe(0);
  expect(printed.lines).toEqual(following.lines);
});
