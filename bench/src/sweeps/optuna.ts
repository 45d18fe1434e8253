/** Optuna in a Python process of its own, asked over its standard input. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Point, SearchSpace } from '@trainyard/contracts';
import { scriptPath } from '../shared/children.js';
import { UsageError } from '../shared/usage.js';

export interface Optuna {
  version: string;
  /** The points that a study with the default sampler proposes, one after the other; returns the smallest loss. */
  minimize(seed: number, space: SearchSpace, trials: number, loss: (point: Point) => number): Promise<number>;
  /** Seconds of proposals after so many finished trials. */
  time(space: SearchSpace, trials: [Point, number][], rounds: number): Promise<number[]>;
  stop(): Promise<void>;
}

/** Parents first, as Optuna is asked parameter by parameter. */
const ordered = (space: SearchSpace) =>
  Object.entries(space).sort(([, a], [, b]) => Object.keys(a.when).length - Object.keys(b.when).length);

/** @throws UsageError where the Python has no Optuna */
export async function startOptuna(python: string): Promise<Optuna> {
  // The script is not compiled, so it is beside the source.
  const script = scriptPath('../../src/sweeps/optuna_peer.py', import.meta.url);
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const send = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
  const receive = async () => {
    const { value, done } = await lines.next();
    if (done) throw new UsageError(`${python} has no Optuna; name one that has it in TRAINYARD_PYTHON`);
    return JSON.parse(value);
  };
  child.stdin.on('error', () => {});
  send({ call: 'version' });
  const { version } = await receive();
  return {
    version,
    async minimize(seed, space, trials, loss) {
      send({ call: 'study', seed, space: ordered(space), trials });
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < trials; i++) {
        const value = loss((await receive()).point);
        best = Math.min(best, value);
        send({ loss: value });
      }
      return best;
    },
    async time(space, trials, rounds) {
      send({ call: 'time', space: ordered(space), trials, rounds });
      return (await receive()).seconds;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
