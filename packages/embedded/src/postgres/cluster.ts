import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { SettingError } from '@trainyard/contracts';
import { ownerOf, userName } from '../homeFolder.js';
import { anyPort, tryPort } from '../ports.js';
import { type Binaries, findBinaries, packageFolder } from './binaries.js';
import { withoutLibpq } from './environment.js';
import { grantRead, grantTraverse } from './grantTraverse.js';
import { endLeftoverServer } from './leftoverServer.js';
import { type ServerUser, serverUser } from './serverUser.js';

/** The only user and database of the embedded Postgres. */
export const databaseUser = 'trainyard';

/** Postgres' data in its folder below the home. */
export const dataFolder = (folder: string): string => path.join(folder, 'data');

/** A database cluster on disk, ready to be served. */
export interface Cluster {
  binaries: Binaries;
  user: ServerUser;
  data: string;
  port: number;
  password: string;
  /** Descriptor of the home's lock, which the server inherits; null where there is none to inherit. */
  lock: number | null;
}

/**
 * Finds the cluster in `folder`, or creates it: `data/` (readable by its owner only), `password` (random, mode 0600)
 * and `port`, which stays the same from start to start unless another program listens on it.
 * @param print receives a line when a folder's mode had to be changed.
 */
export async function prepareCluster(
  folder: string,
  lock: number | null,
  print: (line: string) => void,
): Promise<Cluster> {
  const [binaries, user] = await Promise.all([findBinaries(), serverUser()]);
  const data = dataFolder(folder);
  await refuseOthersData(data, user);
  await mkdir(folder, { recursive: true });
  if (user) {
    for (const target of [binaries.postgres, data]) await grantTraverse(target, print);
    await grantRead(packageFolder(binaries), print);
  }
  const password = await readOrCreate(path.join(folder, 'password'), () => randomBytes(24).toString('hex'));
  if (!(await exists(path.join(data, 'PG_VERSION')))) await initialize({ binaries, user, data, password, lock });
  await endLeftoverServer(data);
  return { binaries, user, data, password, lock, port: await stablePort(path.join(folder, 'port')) };
}

/** A copy that did not keep the owners, and a start as another user than before. */
async function refuseOthersData(data: string, user: ServerUser): Promise<void> {
  const [server, owner] = [user?.uid ?? process.getuid?.(), await ownerOf(data)];
  if (server === undefined || owner === null || owner === server) return;
  const [other, name] = await Promise.all([owner, server].map(userName));
  const text = `names a home whose database belongs to ${other}, but its Postgres runs as ${name}`;
  throw new SettingError(
    'TRAINYARD_HOME',
    `${text}; start as the user of before, copy with owners (cp -a), or chown -R ${data}`,
  );
}

/** Created beside its place and renamed, so that an interrupted start leaves no incomplete cluster. */
async function initialize({ binaries, user, data, password, lock }: Omit<Cluster, 'port'>): Promise<void> {
  const unfinished = `${data}.new`;
  // Beside the data and not in the machine's temporary folder, which need not exist or be writable.
  const passwordFile = `${unfinished}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  const access = [`--username=${databaseUser}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const flags = [`--pgdata=${unfinished}`, ...access, '--encoding=UTF8', '--locale=C', '--no-instructions'];
  try {
    if (user) await Promise.all([unfinished, passwordFile].map((file) => chown(file, user.uid, user.gid)));
    const child = spawn(binaries.initdb, flags, {
      ...user,
      cwd: '/',
      env: withoutLibpq(process.env),
      stdio: ['ignore', 'ignore', 'pipe', lock ?? 'ignore'],
    });
    const [output, [code]] = await Promise.all([text(child.stderr as Readable), once(child, 'close')]);
    if (code !== 0) throw initdbFault(binaries.initdb, data, output);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, data);
}

function initdbFault(initdb: string, data: string, output: string): Error {
  if (output.includes('could not look up effective user ID')) {
    const text = 'is not set, and the embedded Postgres runs only for a user with a name';
    const remedy = `name a database in it, or add the user id ${process.getuid?.()} to /etc/passwd`;
    return new SettingError('DATABASE_URL', `${text}; ${remedy}`);
  }
  // initdb hands the path of its own folder to a shell, in double quotes.
  if (/[$`"\\]/.test(initdb) && output.includes('is needed by initdb')) {
    const text = 'is not set, and the embedded Postgres runs in no folder whose path has $, `, " or \\';
    return new SettingError('DATABASE_URL', `${text}; move this installation to another folder: ${initdb}`);
  }
  const reason = /(?:error|FATAL|PANIC): +(.+)/.exec(output)?.[1] ?? output.trim();
  const text = `names a home in which initdb could not create Postgres' data folder ${data}: ${reason}`;
  return new SettingError('TRAINYARD_HOME', text);
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
  const isFree =
    port > 0 &&
    (await tryPort(port, '127.0.0.1').then(
      () => true,
      () => false,
    ));
  if (isFree) return port;
  const another = await anyPort();
  await writeFile(file, String(another));
  return another;
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}
