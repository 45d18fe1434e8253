import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { anyPort, isFree } from '../ports.js';
import { clearLeftover } from './leftover.js';
import { letPass, type Owner, postgresOwner } from './owner.js';
import { findPrograms, type Programs } from './programs.js';

/** The one user and database of the embedded Postgres. */
export const userName = 'trainyard';

/** A database cluster on disk, ready to be served. */
export interface Cluster {
  programs: Programs;
  owner: Owner;
  data: string;
  port: number;
  password: string;
}

/**
 * Finds the cluster in `folder`, or makes it: `data/` (the owner's alone), `password` (random, mode 0600) and `port`, which
 * stays the same from start to start unless somebody else has taken it.
 * @param say gets a line for people when something on the machine had to be changed.
 */
export async function prepareCluster(folder: string, say: (line: string) => void): Promise<Cluster> {
  const [programs, owner] = await Promise.all([findPrograms(), postgresOwner()]);
  await mkdir(folder, { recursive: true });
  const data = path.join(folder, 'data');
  if (owner) await openTheWay([programs.postgres, data], say);
  const password = await keep(path.join(folder, 'password'), () => randomBytes(24).toString('hex'));
  if (!(await exists(path.join(data, 'PG_VERSION')))) await initialize(programs, owner, data, password);
  await clearLeftover(data);
  return { programs, owner, data, password, port: await stablePort(path.join(folder, 'port')) };
}

async function openTheWay(targets: string[], say: (line: string) => void): Promise<void> {
  for (const target of targets) {
    for (const folder of await letPass(target)) {
      say(`Postgres runs as the user "postgres", who may now pass through ${folder} (mode o+x)`);
    }
  }
}

/** Made beside its place and renamed, so that an interrupted start leaves nothing half-made. */
async function initialize(programs: Programs, owner: Owner, data: string, password: string): Promise<void> {
  const unfinished = `${data}.new`;
  const passwordFile = path.join(tmpdir(), `trainyard-${randomBytes(8).toString('hex')}`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  try {
    if (owner) await Promise.all([unfinished, passwordFile].map((file) => chown(file, owner.uid, owner.gid)));
    await initdb(programs, owner, [
      `--pgdata=${unfinished}`,
      `--username=${userName}`,
      `--pwfile=${passwordFile}`,
      ...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions'],
    ]);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, data);
}

async function initdb({ initdb: program }: Programs, owner: Owner, flags: string[]): Promise<void> {
  const child = spawn(program, flags, { ...owner, stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`Postgres could not make its data folder:\n${output}`);
}

/** The content of a file that its owner alone may read; written by `make` when it is not there. */
async function keep(file: string, make: () => string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    const content = make();
    await writeFile(file, content, { mode: 0o600 });
    await chmod(file, 0o600);
    return content;
  }
}

async function stablePort(file: string): Promise<number> {
  const port = Number(await keep(file, () => '0'));
  if (port > 0 && (await isFree(port, '127.0.0.1'))) return port;
  const another = await anyPort();
  await writeFile(file, String(another));
  return another;
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}
