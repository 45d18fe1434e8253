/**
 * Compares our TPE with Optuna's default sampler and with random search: how near they come to the minima of known
 * functions, and how long they take to propose.
 *
 *   npm run bench:sweeps                                  installs Optuna into a temporary folder
 *   TRAINYARD_PYTHON=<venv>/bin/python npm run bench:sweeps
 *
 * --seeds N   sweeps of each sampler and function (20)
 * --trials N  of each sweep (60)
 * --rounds N  proposals that are timed (20)
 * --json      one JSON object a line instead of the tables
 *
 * Optuna keeps its study in memory, and is asked in a process of its own; its times are taken there, without the pipe.
 * One trial runs at a time. Runs on the output of `npm run build`.
 */
import { parseArgs } from 'node:util';
import { type Point, type SearchSpace, samplerSchema } from '@trainyard/contracts';
import { propose, type Trial } from '@trainyard/sweeps';
import { type TestFunction, testFunctions } from '@trainyard/test-kit/functions';
import { processorModel, processors } from '../shared/machine.js';
import { median } from '../shared/statistics.js';
import { printTable } from '../shared/table.js';
import { positive, runCommand } from '../shared/usage.js';
import { type Optuna, startOptuna } from './optuna.js';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    trials: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});

const tpe = samplerSchema.parse('tpe');
const random = samplerSchema.parse({ type: 'random', sequence: 'pseudo' });
/** Finished trials before a timed proposal. */
const histories = [1000, 10_000];

/** Regrets are differences from the minimum, medians over the seeds. */
interface Regrets {
  name: string;
  ours: number;
  optuna: number;
  random: number;
  /** Seeds in which ours was nearer than random search. */
  wins: number;
}

interface Times {
  finished: number;
  /** Milliseconds, medians. */
  ours: number;
  optuna: number;
}

async function main(): Promise<void> {
  const [seeds, trials, rounds] = [
    positive('seeds', options.seeds),
    positive('trials', options.trials),
    positive('rounds', options.rounds),
  ];
  const optuna = await startOptuna(process.env.TRAINYARD_PYTHON || 'python3');
  try {
    const regrets: Regrets[] = [];
    for (const each of testFunctions) regrets.push(await compare(each, optuna, seeds, trials));
    const times: Times[] = [];
    for (const finished of histories) times.push(await timeProposals(finished, optuna, rounds));
    print(optuna.version, regrets, times);
  } finally {
    await optuna.stop();
  }
}

async function compare(fn: TestFunction, optuna: Optuna, seeds: number, trials: number): Promise<Regrets> {
  const all = { ours: [] as number[], optuna: [] as number[], random: [] as number[] };
  for (let seed = 0; seed < seeds; seed++) {
    all.ours.push(ourRegret(fn, tpe, seed, trials));
    all.random.push(ourRegret(fn, random, seed, trials));
    all.optuna.push((await optuna.minimize(seed, fn.space, trials, fn.loss)) - fn.minimum);
  }
  const wins = all.ours.filter((regret, i) => regret < (all.random[i] ?? 0)).length;
  return { name: fn.name, ours: median(all.ours), optuna: median(all.optuna), random: median(all.random), wins };
}

function ourRegret({ space, loss, minimum }: TestFunction, sampler: typeof tpe, seed: number, count: number): number {
  const trials: Trial[] = [];
  let best = Number.POSITIVE_INFINITY;
  while (trials.length < count) {
    const point = propose({ space, sampler, trials, seed });
    if (!point) break;
    const value = loss(point);
    best = Math.min(best, value);
    trials.push({ number: trials.length, point, losses: [value] });
  }
  return best - minimum;
}

/** On six parameters: what both sides have finished is the same. */
async function timeProposals(finished: number, optuna: Optuna, rounds: number): Promise<Times> {
  const [, hartmann] = testFunctions;
  if (!hartmann) throw new Error('no test function');
  const { space, loss } = hartmann;
  const trials = Array.from({ length: finished }, (_, number): Trial => {
    const point = randomPoint(space, number);
    return { number, point, losses: [loss(point)] };
  });
  const ours: number[] = [];
  for (let seed = 0; seed < rounds; seed++) {
    const start = performance.now();
    propose({ space, sampler: tpe, trials, seed });
    ours.push(performance.now() - start);
  }
  const seconds = await optuna.time(
    space,
    trials.map(({ point, losses }) => [point, Number((losses as number[])[0])]),
    rounds,
  );
  return { finished, ours: median(ours), optuna: 1000 * median(seconds) };
}

/** Each from a seed of its own. */
const randomPoint = (space: SearchSpace, seed: number): Point =>
  propose({ space, sampler: random, trials: [], seed }) ?? {};

function print(version: string, regrets: Regrets[], times: Times[]): void {
  if (options.json) {
    for (const row of [...regrets, ...times]) console.log(JSON.stringify(row));
    return;
  }
  console.log(`${processorModel}, ${processors} processors, Node ${process.version}, Optuna ${version}`);
  console.log(`\nmedian regret after ${options.trials} trials, ${options.seeds} seeds\n`);
  const digits = (value: number) => value.toPrecision(3);
  printTable(regrets, [
    ['function', ({ name }) => name],
    ['ours', ({ ours }) => digits(ours)],
    ['Optuna', ({ optuna }) => digits(optuna)],
    ['random', ({ random: regret }) => digits(regret)],
    ['nearer than random', ({ wins }) => `${wins} of ${options.seeds}`],
  ]);
  console.log('\nmilliseconds to propose, Hartmann 6\n');
  printTable(times, [
    ['finished trials', ({ finished }) => String(finished)],
    ['ours', ({ ours }) => ours.toFixed(2)],
    ['Optuna', ({ optuna }) => optuna.toFixed(2)],
    ['Optuna / ours', ({ ours, optuna }) => (optuna / ours).toFixed(1)],
  ]);
}

await runCommand(main);
