import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const runFile = promisify(execFile);

/** Runs a program. @returns what it wrote to stdout. @throws Error with the end of what it wrote to stderr. */
export async function run(command: string, args: string[], options: { cwd?: string } = {}): Promise<string> {
  try {
    const { stdout } = await runFile(command, args, { ...options, maxBuffer: 64 * 1024 * 1024 });
    return stdout.trim();
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`${command} ${args[0]} failed: ${(stderr || message).slice(-4000)}`, { cause: error });
  }
}

/**
 * Builds and runs images with Debian's buildah instead of a container engine. Its `chroot` isolation needs only root,
 * and shares this machine's network, so a build reaches the registries that this machine reaches.
 */
export class Buildah {
  private readonly global: string[];

  /** @param folder where images are stored; nothing else may use it at the same time */
  constructor(folder: string) {
    this.global = ['--root', `${folder}/images`, '--runroot', `${folder}/run`, '--storage-driver', 'vfs'];
  }

  call(...args: string[]): Promise<string> {
    return run('buildah', [...this.global, ...args]);
  }

  /** Builds a Dockerfile of `context`. `mounts` are `source:target` pairs, readable while it builds only. */
  build(context: string, { file, tag, mounts }: { file: string; tag: string; mounts: string[] }): Promise<string> {
    const volumes = mounts.flatMap((mount) => ['--volume', `${mount}:ro`]);
    const options = ['--isolation', 'chroot', '--pull-never', '--layers=false', ...volumes];
    return this.call('bud', ...options, '-f', `${context}/${file}`, '-t', tag, context);
  }

  /** Size of an image in bytes, with its base. */
  async size(image: string): Promise<number> {
    const listed = JSON.parse(await this.call('images', '--json')) as { id: string; names?: string[]; size: string }[];
    const found = listed.find(({ names }) => names?.some((name) => name.endsWith(image)));
    if (!found) throw new Error(`there is no image ${image}`);
    const [number, unit] = found.size.split(' ');
    return Number(number) * { KB: 1e3, MB: 1e6, GB: 1e9 }[unit as 'KB' | 'MB' | 'GB'];
  }

  /** Starts a container's command as the image's user, below the image's init process. */
  start(container: string, command: string[], env: NodeJS.ProcessEnv): ContainerProcess {
    const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    const options = ['--isolation', 'chroot', '--user', 'node', ...variables];
    return new ContainerProcess([...this.global, 'run', ...options, container, '--', 'tini', '-s', '--', ...command]);
  }
}

/** A command that runs in a container, with all that it has written. */
export class ContainerProcess {
  /** stdout and stderr. */
  output = '';
  readonly exitCode: Promise<number | null>;
  private readonly child;

  constructor(args: string[]) {
    this.child = spawn('buildah', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (chunk) => {
        this.output += chunk;
      });
    }
    this.exitCode = once(this.child, 'close').then(([code]) => code);
  }

  get ended(): boolean {
    return this.child.exitCode !== null;
  }

  /**
   * Sends SIGTERM to the init process, as `docker stop` does. Buildah forwards no signals: one sent to it would kill
   * the command.
   */
  async stop(): Promise<number | null> {
    const init = this.child.pid && descendants(this.child.pid).find((pid) => nameOf(pid) === 'tini');
    if (init) process.kill(init, 'SIGTERM');
    return this.exitCode;
  }
}

function descendants(pid: number): number[] {
  // Linux lists a child under the thread that started it, and buildah has several.
  const children = threadsOf(pid).flatMap((thread) =>
    readProc(pid, `task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

const nameOf = (pid: number) => readProc(pid, 'comm').trim();

/** Empty where the process has ended. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
