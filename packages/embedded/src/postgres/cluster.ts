import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { anyPort, isFree } from '../ports.js';
import { type Binaries, findBinaries } from './binaries.js';
import { grantTraverse } from './grantTraverse.js';
import { endLeftoverServer } from './leftoverServer.js';
import { type ServerUser, serverUser } from './serverUser.js';

const execute = promisify(execFile);

/** The only user and database of the embedded Postgres. */
export const databaseUser = 'trainyard';

/** A database cluster on disk, ready to be served. */
export interface Cluster {
  binaries: Binaries;
  user: ServerUser;
  data: string;
  port: number;
  password: string;
}

/**
 * Finds the cluster in `folder`, or creates it: `data/` (readable by its owner only), `password` (random, mode 0600)
 * and `port`, which stays the same from start to start unless another program listens on it.
 * @param print receives a line when a folder's mode had to be changed.
 */
export async function prepareCluster(folder: string, print: (line: string) => void): Promise<Cluster> {
  const [binaries, user] = await Promise.all([findBinaries(), serverUser()]);
  await mkdir(folder, { recursive: true });
  const data = path.join(folder, 'data');
  if (user) for (const target of [binaries.postgres, data]) await grantTraverse(target, print);
  const password = await readOrCreate(path.join(folder, 'password'), () => randomBytes(24).toString('hex'));
  if (!(await exists(path.join(data, 'PG_VERSION')))) await initialize(binaries, user, data, password);
  await endLeftoverServer(data);
  return { binaries, user, data, password, port: await stablePort(path.join(folder, 'port')) };
}

/** Created beside its place and renamed, so that an interrupted start leaves no incomplete cluster. */
async function initialize(binaries: Binaries, user: ServerUser, data: string, password: string): Promise<void> {
  const unfinished = `${data}.new`;
  const passwordFile = path.join(tmpdir(), `trainyard-${randomBytes(8).toString('hex')}`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  const access = [`--username=${databaseUser}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const flags = [`--pgdata=${unfinished}`, ...access, '--encoding=UTF8', '--locale=C', '--no-instructions'];
  try {
    if (user) await Promise.all([unfinished, passwordFile].map((file) => chown(file, user.uid, user.gid)));
    await execute(binaries.initdb, flags, { ...user, cwd: '/' });
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? error.stderr : '';
    throw new Error(`initdb could not create Postgres' data folder ${data}:\n${output}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, data);
}

/** The content of a file that only its owner may read; `create` provides it when the file does not exist. */
async function readOrCreate(file: string, create: () => string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    const content = create();
    await writeFile(file, content, { mode: 0o600 });
    // The mode above applies to a new file only.
    await chmod(file, 0o600);
    return content;
  }
}

async function stablePort(file: string): Promise<number> {
  const port = Number(await readOrCreate(file, () => '0'));
  if (port > 0 && (await isFree(port, '127.0.0.1'))) return port;
  const another = await anyPort();
  await writeFile(file, String(another));
  return another;
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}
