import { execFileSync, spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Without what this machine has set for Trainyard: npm's own settings stay, which name the registry. */
const environment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TRAINYARD|PG|VITEST|NODE_)/.test(name)));

/** A checkout of HEAD in a new folder, whose name has what shells, make and URLs treat specially. */
export async function createCheckout({ umask = '022' } = {}): Promise<{ folder: string; remove: () => Promise<void> }> {
  const parent = await mkdtemp(path.join(tmpdir(), 'trainyard-machines-'));
  await chmod(parent, 0o755);
  const folder = path.join(parent, 'my projéct #1');
  const script = 'umask "$1"; git clone --quiet "$2" "$3"';
  execFileSync('sh', ['-c', script, 'sh', umask, repository, folder], { stdio: 'inherit' });
  return { folder, remove: () => rm(parent, { recursive: true, force: true }) };
}

/** An empty home of the service, of this user. */
export async function createHome(uid = 0): Promise<string> {
  const home = await mkdtemp(path.join(tmpdir(), 'trainyard-machines-home-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  await chown(home, uid, uid);
  await mkdir(path.join(home, 'user'));
  await chown(path.join(home, 'user'), uid, uid);
  return home;
}

export type Conditions = { env?: NodeJS.ProcessEnv; uid?: number; umask?: string; within?: string };

/** Runs the quickstart's one epoch from a checkout. `within` is a shell's prefix of the command, such as a limit. */
export async function quickstart(folder: string, conditions: Conditions): Promise<{ code: number; output: string }> {
  const { env = {}, uid, umask = '022', within = '' } = conditions;
  const home = await createHome(uid);
  const script = `umask ${umask}; ${within} npm run quickstart -- --epochs 1`;
  const child = spawn('bash', ['-c', script], {
    cwd: folder,
    env: { ...environment(), TRAINYARD_HOME: home, TRAINYARD_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const code = await new Promise<number>((resolve) => child.once('close', (exit) => resolve(exit ?? 1)));
  return { code, output };
}
