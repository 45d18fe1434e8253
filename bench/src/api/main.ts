/**
 * Loads the service on this machine and prints how fast it answers.
 *
 *   npm run bench:api
 *
 * --jobs N      finished jobs that the database is filled with first, each with 30 epochs (100000)
 * --seconds S   duration of each measurement (10; pages half of it, submits three times as long)
 * --only A,B    only these groups of measurements: submit, poll, list, history, watch, download
 * --watched N   jobs that are watched at once, each by ten clients (50)
 * --soak M      instead: small jobs one after the other for M minutes, with a worker, and the memory meanwhile
 * --json        one JSON object a line instead of the table
 *
 * The stack is that of `trainyard up`, in a temporary home, on 127.0.0.1: embedded Postgres with its usual settings,
 * the API, and (for --soak only) a worker. The load comes from this process, in closed loops: each connection sends its
 * next request when the last was answered. `API CPU` and `DB CPU` are milliseconds of processor time a request, the
 * figure that other programs on the machine disturb least. Runs on the output of `npm run build`.
 */
import { parseArgs } from 'node:util';
import pg from 'pg';
import { processorModel, processors } from '../shared/machine.js';
import { processorUse, residentBytes } from '../shared/processes.js';
import { type Service, startService } from '../shared/service.js';
import type { LoadFigures } from '../shared/statistics.js';
import { printTable, shown } from '../shared/table.js';
import { positive, runCommand } from '../shared/usage.js';
import { countRows, drawJobIds, epochsPerJob, fill, type JobIds } from './fill.js';
import { downloads, pages, polls, type Scenario, submits, unchangedPolls, watchers } from './scenarios.js';
import { soak } from './soak.js';

const { values: options } = parseArgs({
  options: {
    jobs: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '10' },
    only: { type: 'string', default: 'submit,poll,list,history,watch,download' },
    watched: { type: 'string', default: '50' },
    soak: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

interface Measurement {
  name: string;
  group: string;
  run: () => Promise<LoadFigures>;
}

interface Result extends LoadFigures {
  name: string;
  /** Resident MB of the API before and after. */
  apiMegabytes: (number | null)[];
  /** Milliseconds of processor time a request. */
  apiMilliseconds: number;
  postgresMilliseconds: number;
}

type Counts = Awaited<ReturnType<typeof countRows>>;

async function main(): Promise<void> {
  const jobs = positive('jobs', options.jobs);
  const seconds = positive('seconds', options.seconds);
  if (options.soak === undefined) await bench(jobs, seconds);
  else await soak({ minutes: positive('soak', options.soak), json: options.json });
}

async function bench(jobs: number, seconds: number): Promise<void> {
  const service = await startService({ worker: false });
  const client = new pg.Client({ connectionString: service.databaseUrl });
  try {
    await client.connect();
    printProgress(`filling the database with ${jobs} jobs of ${epochsPerJob} epochs ...`);
    await fill(client, jobs);
    const counts = await countRows(client);
    const results: Result[] = [];
    const groups = options.only.split(',');
    const all = measurements({ service, client, seconds }, await drawJobIds(client));
    for (const { name, run } of all.filter(({ group }) => groups.includes(group))) {
      printProgress(name);
      const result = { name, ...(await withResources(service, run)) };
      results.push(result);
      if (options.json) console.log(JSON.stringify(result));
    }
    if (!options.json) printResults(counts, results);
  } finally {
    await client.end();
    await service.stop();
  }
}

const sorts = ['finishedAt', '-finishedAt', 'accuracy', '-accuracy', 'trainingSeconds', '-trainingSeconds'];

function measurements(scenario: Scenario, ids: JobIds): Measurement[] {
  const watched = positive('watched', options.watched);
  const page = (group: string, name: string, path: string): Measurement => ({
    name,
    group,
    run: () => pages({ ...scenario, seconds: scenario.seconds / 2 }, path),
  });
  return [
    { name: 'poll a finished job, 200', group: 'poll', run: () => polls(scenario, ids.succeeded) },
    { name: 'poll a finished job, 304', group: 'poll', run: () => unchangedPolls(scenario, ids.succeeded) },
    { name: 'poll a waiting job, 304', group: 'poll', run: () => unchangedPolls(scenario, ids.queued) },
    page('list', 'jobs, any page', '/v1/jobs?'),
    page('list', 'jobs that failed, any page', '/v1/jobs?state=failed'),
    page('list', 'jobs of an experiment, any page', '/v1/jobs?experiment=experiment%207'),
    ...sorts.map((sort) => page('history', `history by ${sort}, any page`, `/v1/results?sort=${sort}`)),
    page('history', 'history of an architecture', '/v1/results?architecture=vgg6'),
    page('history', 'history over accuracy 0.7', '/v1/results?minAccuracy=0.7'),
    {
      name: `${10 * watched} watchers of ${watched} jobs`,
      group: 'watch',
      run: () => watchers(scenario, { jobs: watched, watchersPerJob: 10 }),
    },
    { name: 'download 8 at a time', group: 'download', run: () => downloads(scenario) },
    // The last, because it changes how many jobs there are.
    { name: 'submit', group: 'submit', run: () => submits({ ...scenario, seconds: 3 * scenario.seconds }, 50) },
  ];
}

const printProgress = (line: string): void => void process.stderr.write(`${line}\n`);

async function withResources(service: Service, run: () => Promise<LoadFigures>): Promise<Omit<Result, 'name'>> {
  const pids = service.pids();
  const apiMegabytes = () => {
    const bytes = residentBytes(pids.api);
    return bytes && bytes / 2 ** 20;
  };
  const megabytesBefore = apiMegabytes();
  const before = processorUse(pids);
  const figures = await run();
  const after = processorUse(pids);
  return {
    ...figures,
    apiMegabytes: [megabytesBefore, apiMegabytes()],
    apiMilliseconds: (1000 * (after.api - before.api)) / figures.requests,
    postgresMilliseconds: (1000 * (after.postgres - before.postgres)) / figures.requests,
  };
}

function printResults(counts: Counts, results: Result[]): void {
  console.log(`${processorModel}, ${processors} processors, Node ${process.version}`);
  console.log(`${counts.jobs} jobs, ${counts.tested} of them tested, ${counts.epochs} epochs; milliseconds\n`);
  printTable(results, [
    ['', (row) => row.name],
    ['requests/s', (row) => shown(row.perSecond, 0)],
    ['p50', (row) => shown(row.p50, 1)],
    ['p95', (row) => shown(row.p95, 1)],
    ['p99', (row) => shown(row.p99, 1)],
    ['max', (row) => shown(row.max, 1)],
    ['errors', (row) => String(row.errors)],
    ['API CPU', (row) => shown(row.apiMilliseconds, 2)],
    ['DB CPU', (row) => shown(row.postgresMilliseconds, 2)],
    ['API MB', (row) => row.apiMegabytes.map((mb) => shown(mb, 0)).join(' > ')],
    ['MB/s', (row) => shown(row.megabytesPerSecond, 0)],
  ]);
}

await runCommand(main);
