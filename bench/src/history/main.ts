/**
 * Searches and exports a long history on this machine, and prints how fast.
 *
 *   npm run bench:history
 *   TRAINYARD_PYTHON=<venv>/bin/python npm run bench:history
 *
 * --jobs N      finished jobs that the database is filled with first, each with 30 epochs and 10 classes (100000)
 * --seconds S   duration of each measurement of pages (5)
 *
 * The stack is that of `trainyard up` without a worker, on 127.0.0.1. Two connections ask for pages of 50 rows, drawn
 * from the first 5,000 of each answer. Each export is read once, in each format. A Python that has DuckDB and pyarrow
 * reads the Parquet file back; without one, a line says that it was not read. Runs on the output of `npm run build`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { countRows, fill } from '../api/fill.js';
import { pages } from '../api/scenarios.js';
import { processorModel, processors } from '../shared/machine.js';
import { peakBytesOf, residentBytes } from '../shared/processes.js';
import { type Service, startService } from '../shared/service.js';
import { printTable, shown } from '../shared/table.js';
import { positive, runCommand } from '../shared/usage.js';
import { type Export, exportTo, readBack, whole } from './exports.js';

const { values: options } = parseArgs({
  options: { jobs: { type: 'string', default: '100000' }, seconds: { type: 'string', default: '5' } },
});

const results = (query: Record<string, string>) => `/v1/results?${new URLSearchParams(query)}`;
const filter = (text: string) => results({ filter: text });

/** What an index serves, then what reads many rows. */
const searches: Record<string, string> = {
  'filter architecture = "vgg6"': filter('architecture = "vgg6"'),
  'filter experiment = "experiment 7"': filter('experiment = "experiment 7"'),
  'filter test.accuracy >= 0.75': filter('test.accuracy >= 0.75'),
  'filter finished > "7d ago"': filter('finished > "7d ago"'),
  'jobs: filter state = failed': `/v1/jobs?${new URLSearchParams({ filter: 'state = failed' })}`,
  'filter recall."class 3" > 0.95': filter('recall."class 3" > 0.95'),
  'filter of three terms with OR and NOT': filter(
    'test.loss < 0.6 AND (precision."class 1" > 0.9 OR NOT architecture IN ("lenet", "cnn3")) AND duration < 5m',
  ),
  'filter train.loss < 0.11': filter('train.loss < 0.11'),
  'filter spec.optimizer.type = "adam", no row': filter('spec.optimizer.type = "adam"'),
  'filter name LIKE "%a%", no row': filter('name LIKE "%a%"'),
  'sort -test.accuracy': results({ sort: '-test.accuracy' }),
  'sort -test.loss': results({ sort: '-test.loss' }),
  'sort -recall."class 3"': results({ sort: '-recall."class 3"' }),
  'sort spec.learningRate': results({ sort: 'spec.learningRate' }),
  'sort -train.accuracy': results({ sort: '-train.accuracy' }),
};
const mostCursors = 10;

async function main(): Promise<void> {
  const jobs = positive('jobs', options.jobs);
  const seconds = positive('seconds', options.seconds);
  const service = await startService({ worker: false });
  const client = new pg.Client({ connectionString: service.databaseUrl });
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-bench-history-'));
  try {
    await client.connect();
    progress(`filling the database with ${jobs} jobs ...`);
    await fill(client, jobs);
    const counts = await countRows(client);
    console.log(`${processorModel}, ${processors} processors, Node ${process.version}`);
    console.log(`${counts.jobs} jobs, ${counts.tested} of them tested, ${counts.epochs} epochs\n`);
    await search({ service, client, seconds });
    await exports(service, await whole(client), folder);
  } finally {
    await client.end();
    await service.stop();
    await rm(folder, { recursive: true });
  }
}

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

async function search(scenario: { service: Service; client: pg.Client; seconds: number }): Promise<void> {
  const rows = [];
  for (const [name, url] of Object.entries(searches)) {
    progress(name);
    rows.push({ name, ...(await pages(scenario, url, mostCursors)) });
  }
  for (const field of ['architecture', 'experiment', 'spec.learningRate']) {
    const url = `/v1/results/facets?${new URLSearchParams({ field })}`;
    progress(`facets of ${field}`);
    rows.push({ name: `facets of ${field}`, ...(await pages(scenario, url, 1)) });
  }
  printTable(rows, [
    ['milliseconds', (row) => row.name],
    ['requests', (row) => String(row.requests)],
    ['p50', (row) => shown(row.p50, 1)],
    ['p95', (row) => shown(row.p95, 1)],
    ['max', (row) => shown(row.max, 1)],
    ['errors', (row) => String(row.errors)],
  ]);
}

async function exports(service: Service, expected: Export, folder: string): Promise<void> {
  const rows = [];
  for (const format of ['csv', 'ndjson', 'parquet'] as const) {
    progress(`export as ${format}`);
    const file = path.join(folder, `history.${format}`);
    const before = residentBytes(service.pids().api);
    const { seconds, bytes } = await exportTo(file, service, format);
    rows.push({ format, seconds, bytes, before, peak: peakBytesOf(service.pids().api) });
  }
  const megabytes = (bytes: number | null) => (bytes === null ? '' : (bytes / 2 ** 20).toFixed(0));
  console.log('');
  printTable(rows, [
    ['export', (row) => row.format],
    ['seconds', (row) => row.seconds.toFixed(1)],
    ['MB', (row) => megabytes(row.bytes)],
    ['API MB before', (row) => megabytes(row.before)],
    ['API MB, largest since its start', (row) => megabytes(row.peak)],
  ]);
  console.log(`\n${await readBack(path.join(folder, 'history.parquet'), expected)}`);
}

await runCommand(main);
