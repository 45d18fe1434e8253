/**
 * Imports the same JPEG files from a folder and from an archive, beside one Pillow process that decodes them, in turns.
 *
 *   npm run bench:import
 *
 * --archive     a tar.gz with an image folder; default: what TRAINYARD_CIFAR10 names
 * --rounds N    how often each is run; the median is shown. Default 3
 * --python      a Python with Pillow; without it, Pillow is left out, which is said. Default: python3
 * --generated N a folder with N generated files is imported as well, once
 *
 * The peak is the largest resident memory of the process. Runs on the output of `npm run build`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { jsonOf, scriptPath } from '../shared/children.js';
import { processorModel, processors } from '../shared/machine.js';
import { median } from '../shared/statistics.js';
import { megabytes, printTable, shown } from '../shared/table.js';
import { optionalNumber, positive, runCommand, UsageError } from '../shared/usage.js';

const { values: options } = parseArgs({
  options: {
    archive: { type: 'string', default: process.env.TRAINYARD_CIFAR10 ?? '' },
    rounds: { type: 'string', default: '3' },
    python: { type: 'string', default: 'python3' },
    generated: { type: 'string' },
  },
});

interface Measured {
  seconds: number;
  cpuSeconds: number;
  images: number;
  peak: number;
}

const work = mkdtempSync(join(tmpdir(), 'bench-import-'));
let stores = 0;

const importOnce = async (source: string): Promise<Measured> => {
  const store = join(work, `store-${stores++}`);
  const measured = await jsonOf<Measured>(process.execPath, [
    scriptPath('importOnce.js', import.meta.url),
    source,
    store,
  ]);
  rmSync(store, { recursive: true });
  return measured;
};

/** The script is not compiled, so it is beside the source. */
const pillowOnce = (folder: string): Promise<Measured> =>
  jsonOf<Measured>(options.python, [scriptPath('../../src/import/pillow.py', import.meta.url), folder]);

function hasPillow(): boolean {
  try {
    execFileSync(options.python, ['-c', 'import PIL'], { stdio: 'ignore' });
    return true;
  } catch {
    console.error(`${options.python} has no Pillow, so it is not measured; name another (--python)`);
    return false;
  }
}

async function main(): Promise<void> {
  if (!options.archive) throw new UsageError('name a tar.gz of images with --archive, or in TRAINYARD_CIFAR10');
  const rounds = positive('rounds', options.rounds);
  const generated = optionalNumber('generated', options.generated);
  const folder = join(work, 'folder');
  mkdirSync(folder);
  execFileSync('tar', ['xzf', options.archive, '-C', folder]);
  const sides: Record<string, () => Promise<Measured>> = {
    folder: () => importOnce(folder),
    'tar.gz': () => importOnce(options.archive),
    ...(hasPillow() && { 'one Pillow process': () => pillowOnce(folder) }),
  };
  const all = new Map<string, Measured[]>(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(sides)) all.get(name)?.push(await run());
  }
  if (generated !== undefined) {
    all.set(`${generated} generated`, [await importOnce(generateFolder(folder, generated))]);
  }
  console.log(`${processors} processors (${processorModel}), median of ${rounds}\n`);
  print([...all]);
}

/** Copies of one small image, each with a number of its own behind its end, in two classes and two splits. */
function generateFolder(original: string, count: number): string {
  const [first = ''] = execFileSync('find', [original, '-name', '*.jpg', '-print', '-quit']).toString().split('\n');
  const bytes = execFileSync('cat', [first]);
  const folder = join(work, 'generated');
  for (let i = 0; i < count; i++) {
    const place = join(folder, i % 10 === 0 ? 'test' : 'train', `class-${(i >> 4) % 2}`, String(i % 97));
    if (i < 97 * 320) mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `${i}.jpg`), Buffer.concat([bytes, Buffer.from(String(i))]));
  }
  return folder;
}

function print(all: [string, Measured[]][]): void {
  const middle = (runs: Measured[], value: (run: Measured) => number) => median(runs.map(value));
  printTable(all, [
    ['source', ([name]) => name],
    ['images', ([, runs]) => String(runs[0]?.images)],
    [
      'seconds',
      ([, runs]) =>
        shown(
          middle(runs, (run) => run.seconds),
          1,
        ),
    ],
    [
      'processor seconds',
      ([, runs]) =>
        shown(
          middle(runs, (run) => run.cpuSeconds),
          1,
        ),
    ],
    ['peak MB', ([, runs]) => megabytes(Math.max(...runs.map((run) => run.peak)))],
  ]);
}

try {
  await runCommand(main);
} finally {
  rmSync(work, { recursive: true, force: true });
}
