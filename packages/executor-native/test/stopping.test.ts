import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { cpuAddonName, findAddon } from '../src/addonFile.js';
import { available, openSession, slow } from './helpers.js';

const many = 1_000_000;

describe.skipIf(!available.available)('a run', () => {
  it('stops between two steps when its signal is aborted, and resolves to the number of steps done', async () => {
    const session = await openSession();
    const loaded = await session.load(slow);
    const abort = new AbortController();
    const run = loaded.run(many, {}, abort.signal);
    await wait(200);
    abort.abort();
    const done = await run;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(many);
    expect(await loaded.run(2, {})).toBe(2);
    await session.close();
  });

  it('does nothing when its signal was aborted before', async () => {
    const session = await openSession();
    const loaded = await session.load(slow);
    expect(await loaded.run(many, {}, AbortSignal.abort())).toBe(0);
    await session.close();
  });

  it('is stopped by closing its session', async () => {
    const session = await openSession();
    const loaded = await session.load(slow);
    const run = loaded.run(many, {});
    await wait(50);
    await session.close();
    expect(await run).toBeLessThan(many);
  });

  it('does not crash a process that exits during it', async () => {
    // Plain JavaScript that loads the addon itself: a child process runs no TypeScript.
    const script = `
      const addon = require(${JSON.stringify(findAddon(cpuAddonName))});
      const session = new addon.Session('cpu', 2, 'fp32');
      const slot = (name, shape, role, root) => ({ name, shape, dtype: 'f32', role, root, offset: 0 });
      const op = { kind: 'dense', in: { x: 0, w: 1 }, out: { y: 2 }, update: {}, numbers: {}, texts: {} };
      const slots = [slot('x', [256, 1024], 'persistent', 0), slot('w', [1024, 1024], 'persistent', 1),
        slot('y', [256, 1024], 'transient', 2)];
      session.load({ name: 'slow', slots, ops: [op], arenaBytes: 1 << 20 }).then(({ id }) => {
        session.run(id, ${many}, [], new addon.StopFlag(), false);
        setTimeout(() => process.exit(7), 100);
      });`;
    const child = spawn(process.execPath, ['-e', script], { stdio: 'inherit' });
    expect(await once(child, 'exit')).toEqual([7, null]);
  });
});
