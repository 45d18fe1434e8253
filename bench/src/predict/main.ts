/**
 * How fast images are classified over HTTP, what other calls take meanwhile, and whether memory grows.
 *
 *   npm run bench:predict
 *
 * --requests N  of each measurement (10000; of vgg6 a tenth)
 * --models A,B  presets (lenet,vgg6)
 * --flood N     at the end, so many requests over 1,000 connections at once (10000); 0: none
 * --json        one JSON object a line instead of the table
 *
 * The stack is that of `trainyard up` without a worker, in a temporary home, on 127.0.0.1; a model is a checkpoint of
 * a finished job. The load comes from this process, in closed loops: each client sends its next image when the last was
 * answered. The image is a JPEG of 640x480 pixels; `32x32` names measurements with a PNG of that size. Meanwhile two
 * more clients ask for jobs and pages of lists. Runs on the output of `npm run build`.
 */
import { parseArgs } from 'node:util';
import pg from 'pg';
import sharp from 'sharp';
import { storeCheckpoint } from '../api/checkpoint.js';
import { drawJobIds, fill } from '../api/fill.js';
import { closedLoop } from '../api/load.js';
import { processorModel, processors } from '../shared/machine.js';
import { residentBytes } from '../shared/processes.js';
import { fetchFrom, type Service, startService } from '../shared/service.js';
import type { LoadFigures } from '../shared/statistics.js';
import { printTable, shown } from '../shared/table.js';
import { oneOf, positive, runCommand, UsageError } from '../shared/usage.js';

const { values: options } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    models: { type: 'string', default: 'lenet,vgg6' },
    flood: { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
  },
});

const clients = [1, 16];
const floodConnections = 1000;
/** A flood is refused but for what fits. */
const served = 200;
const refused = 503;

interface Result {
  name: string;
  figures: LoadFigures;
  others: LoadFigures;
  /** Resident MB of the API: after a tenth of the requests, half way and at the end. */
  apiMegabytes: (number | null)[];
}

async function main(): Promise<void> {
  const requests = positive('requests', options.requests);
  const flood = Number(options.flood);
  if (!Number.isInteger(flood) || flood < 0) throw new UsageError('--flood must be a whole number');
  const service = await startService({ worker: false });
  const client = new pg.Client({ connectionString: service.databaseUrl });
  try {
    await client.connect();
    await fill(client, 1000);
    const ids = await drawJobIds(client);
    const images = await drawImages();
    const results: Result[] = [];
    for (const name of options.models.split(',')) {
      const model = oneOf('models', name, ['lenet', 'vgg6']);
      const path = `/v1/jobs/${await storeCheckpoint(service, client, model)}/checkpoints/best/predict`;
      const amount = model === 'vgg6' ? Math.ceil(requests / 10) : requests;
      for (const connections of clients)
        for (const [size, image] of images) {
          const run = { path, image, connections, amount, others: ids.succeeded };
          results.push({ name: `${model}, ${size}, ${connections} clients`, ...(await measure(service, run)) });
        }
      if (model === 'lenet' && flood > 0) {
        const [, image] = images[1] ?? [];
        if (!image) continue;
        const run = { path, image, connections: floodConnections, amount: flood, others: ids.succeeded };
        results.push({
          name: `${model}, ${flood} over ${floodConnections} connections`,
          ...(await measure(service, run)),
        });
      }
    }
    print(results);
  } finally {
    await client.end();
    await service.stop();
  }
}

interface Run {
  path: string;
  image: Buffer;
  connections: number;
  amount: number;
  /** Ids of jobs that other clients ask for. */
  others: string[];
}

async function measure(service: Service, { path, image, connections, amount, others }: Run) {
  const megabytes = () => (residentBytes(service.pids().api) ?? Number.NaN) / 2 ** 20;
  const request = { method: 'POST' as const, path, body: image, headers: { 'content-type': 'image/jpeg' } };
  // The model is loaded.
  await fetchFrom(service, path, { ...request, body: new Uint8Array(image) });
  const apiMegabytes: number[] = [];
  let answered = 0;
  const stop = new AbortController();
  let turn = 0;
  const paths = [...others.slice(0, 50).map((id) => `/v1/jobs/${id}`), '/v1/jobs?limit=20', '/v1/results?limit=20'];
  const meanwhile = closedLoop({
    ...service,
    connections: 2,
    seconds: 3600,
    signal: stop.signal,
    expected: 200,
    next: () => ({ method: 'GET', path: paths[turn++ % paths.length] ?? '', headers: {} }),
  });
  const figures = await closedLoop({
    ...service,
    connections,
    amount,
    expected: connections === floodConnections ? [served, refused] : served,
    next: () => request,
    onAnswer() {
      answered++;
      if ([0.1, 0.5].some((share) => answered === Math.ceil(share * amount))) apiMegabytes.push(megabytes());
    },
  });
  apiMegabytes.push(megabytes());
  stop.abort();
  return { figures, others: await meanwhile, apiMegabytes };
}

/** A photo-like image, as JPEG, and a small one, as PNG. */
async function drawImages(): Promise<[size: string, image: Buffer][]> {
  const pixels = (width: number, height: number) => {
    const data = Buffer.alloc(width * height * 3);
    for (let i = 0; i < data.length; i++) data[i] = 128 + 90 * Math.sin(i / 700) + ((i * 7919) % 31);
    return sharp(data, { raw: { width, height, channels: 3 } });
  };
  return [
    ['640x480', await pixels(640, 480).jpeg({ quality: 85 }).toBuffer()],
    ['32x32', await pixels(32, 32).png().toBuffer()],
  ];
}

function print(results: Result[]): void {
  if (options.json) {
    for (const result of results) console.log(JSON.stringify(result));
    return;
  }
  console.log(`${processorModel}, ${processors} processors, Node ${process.version}; milliseconds\n`);
  printTable(results, [
    ['', ({ name }) => name],
    ['requests', ({ figures }) => String(figures.requests)],
    ['requests/s', ({ figures }) => shown(figures.perSecond, 0)],
    ['p50', ({ figures }) => shown(figures.p50, 1)],
    ['p99', ({ figures }) => shown(figures.p99, 1)],
    ['errors', ({ figures }) => String(figures.errors)],
    ['others p50', ({ others }) => shown(others.p50, 1)],
    ['others p99', ({ others }) => shown(others.p99, 1)],
    ['API MB', ({ apiMegabytes }) => apiMegabytes.map((mb) => shown(mb, 0)).join(' > ')],
  ]);
}

await runCommand(main);
