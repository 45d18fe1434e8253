#!/usr/bin/env node
/**
 * Loads the service on this machine and tells how fast it answers.
 *
 *   npm run bench:api
 *
 * --jobs N      finished jobs that the database is filled with first, each with 30 epochs (100000)
 * --seconds S   how long each measurement takes (10; submits three times as long)
 * --only A,B    of these measurements alone: submit, poll, list, history, watch, download
 * --soak M      instead: small jobs one after the other for M minutes, with a worker, and what memory does meanwhile
 * --json        one JSON object a line instead of the table
 *
 * The stack is that of `trainyard up`, in a temporary home, on 127.0.0.1: embedded Postgres with its usual settings, the API,
 * and (for --soak alone) a worker. The load comes from this process, in closed loops: each connection sends its next request when
 * the last was answered. `API CPU` and `DB CPU` are processor time a request, which neighbours disturb less than all else.
 * Runs on what `npm run build` made.
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { counts, epochsPerJob, fill } from '../test/bench/api/fill.mjs';
import { downloads, pages, polls, submits, unchangedPolls, watchers } from '../test/bench/api/scenarios.mjs';
import { soak } from '../test/bench/api/soak.mjs';
import { processorUse, residentMb, startService } from '../test/bench/api/stack.mjs';

const { values: options } = parseArgs({
  options: {
    jobs: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '10' },
    only: { type: 'string', default: 'submit,poll,list,history,watch,download' },
    soak: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const [jobs, seconds] = [Number(options.jobs), Number(options.seconds)];

const sorts = ['finishedAt', '-finishedAt', 'accuracy', '-accuracy', 'trainingSeconds', '-trainingSeconds'];

/** Name, what it belongs to, and how it is measured. */
function measurements(service, client, ids) {
  const at = { service, client, seconds };
  const page = (path) => () => pages({ ...at, seconds: seconds / 2, path });
  return [
    ['poll a finished job, 200', 'poll', () => polls({ ...at, ids: ids.succeeded })],
    ['poll a finished job, 304', 'poll', () => unchangedPolls({ ...at, ids: ids.succeeded })],
    ['poll a waiting job, 304', 'poll', () => unchangedPolls({ ...at, ids: ids.queued })],
    ['jobs, any page', 'list', page('/v1/jobs?')],
    ['jobs that failed, any page', 'list', page('/v1/jobs?state=failed')],
    ['jobs of an experiment, any page', 'list', page('/v1/jobs?experiment=experiment%207')],
    ...sorts.map((sort) => [`history by ${sort}, any page`, 'history', page(`/v1/results?sort=${sort}`)]),
    ['history of an architecture', 'history', page('/v1/results?architecture=vgg6')],
    ['history over accuracy 0.7', 'history', page('/v1/results?minAccuracy=0.7')],
    [
      '500 watchers of 50 jobs',
      'watch',
      () => watchers({ ...at, jobs: 50, watchersPerJob: 10, epochs: Math.ceil(5 * seconds) }),
    ],
    ['download 8 at a time', 'download', () => downloads(at)],
    // The last, as it changes how many jobs there are.
    ['submit', 'submit', () => submits({ ...at, connections: 50, seconds: 3 * seconds })],
  ].filter(([, group]) => options.only.split(',').includes(group));
}

async function bench() {
  const service = await startService({ worker: false });
  const client = new pg.Client({ connectionString: service.databaseUrl });
  try {
    await client.connect();
    say(`filling the database with ${jobs} jobs of ${epochsPerJob} epochs ...`);
    await fill(client, jobs);
    const filled = await counts(client);
    const results = [];
    for (const [name, , measure] of measurements(service, client, await someIds(client))) {
      say(name);
      results.push({ name, ...(await measured(service, measure)) });
      if (options.json) console.log(JSON.stringify(results.at(-1)));
    }
    if (!options.json) printTable(filled, results);
  } finally {
    await client.end();
    await service.stop();
  }
}

const say = (line) => process.stderr.write(`${line}\n`);

async function someIds(client) {
  const of = async (state) => {
    const { rows } = await client.query('SELECT id FROM jobs WHERE state = $1 ORDER BY random() LIMIT 1000', [state]);
    return rows.map(({ id }) => id);
  };
  return { succeeded: await of('succeeded'), queued: await of('queued') };
}

/** With the API's memory in MB before and after, and milliseconds of processor time a request, of the API and of Postgres. */
async function measured(service, measure) {
  const pids = service.pids();
  const before = { megabytes: residentMb(pids.api), ...processorUse(pids) };
  const figures = await measure();
  const after = processorUse(pids);
  return {
    ...figures,
    apiMegabytes: [before.megabytes, residentMb(pids.api)],
    apiMilliseconds: (1000 * (after.api - before.api)) / figures.requests,
    postgresMilliseconds: (1000 * (after.postgres - before.postgres)) / figures.requests,
  };
}

function printTable(filled, results) {
  console.log(`${cpus()[0]?.model ?? process.arch}, ${availableParallelism()} processors, Node ${process.version}`);
  console.log(`${filled.jobs} jobs, ${filled.tested} of them tested, ${filled.epochs} epochs; milliseconds\n`);
  const number = (value, digits = 1) => value?.toFixed(digits) ?? '-';
  const columns = [
    ['', (r) => r.name],
    ['requests/s', (r) => number(r.perSecond, 0)],
    ['p50', (r) => number(r.p50)],
    ['p95', (r) => number(r.p95)],
    ['p99', (r) => number(r.p99)],
    ['max', (r) => number(r.max)],
    ['errors', (r) => String(r.errors)],
    ['API CPU', (r) => number(r.apiMilliseconds, 2)],
    ['DB CPU', (r) => number(r.postgresMilliseconds, 2)],
    ['API MB', (r) => r.apiMegabytes.map((megabytes) => number(megabytes, 0)).join(' > ')],
    ['MB/s', (r) => number(r.megabytesPerSecond, 0)],
  ];
  const rows = [columns.map(([title]) => title), ...results.map((r) => columns.map(([, cell]) => cell(r)))];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  for (const row of rows)
    console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '));
}

if (![jobs, seconds, Number(options.soak ?? 1)].every((number) => number > 0)) {
  console.error('--jobs, --seconds and --soak take positive numbers');
  process.exitCode = 2;
} else await (options.soak === undefined ? bench() : soak({ minutes: Number(options.soak), json: options.json }));
