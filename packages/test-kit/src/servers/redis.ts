import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import getPort from 'get-port';

export type RedisServer = {
  /** Without a database number. */
  url: string;
  port: number;
  pid: number;
  /** Runs one command as redis-cli does, and returns what that prints. */
  command(...words: string[]): Promise<string>;
  /**
   * What a managed Redis does when it changes its primary: the other server becomes it, the name leads there, and
   * connections to this one stay.
   */
  failOverTo(other: RedisServer, name: { target: number }): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts an empty Redis on a free port of 127.0.0.1.
 * @throws Error that names the Debian package when redis-server is not installed.
 */
export async function startRedis(options: { port?: number; flags?: string[] } = {}): Promise<RedisServer> {
  const port = options.port ?? (await getPort());
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-redis-'));
  const flags = ['--bind', '127.0.0.1', '--dir', folder, '--save', '', '--databases', '1024', '--daemonize', 'no'];
  const policy = ['--maxmemory-policy', 'noeviction', '--appendonly', 'no'];
  const child = spawn('redis-server', ['--port', String(port), ...flags, ...policy, ...(options.flags ?? [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.race([acceptsConnections(port), rejectOnExit(child)]);
  } catch (error) {
    await stop();
    throw error;
  }
  const command = async (...words: string[]) => {
    const { stdout } = await promisify(execFile)('redis-cli', ['-p', String(port), ...words]);
    return stdout;
  };
  const failOverTo = async (other: RedisServer, name: { target: number }) => {
    await other.command('REPLICAOF', 'NO', 'ONE');
    await command('REPLICAOF', '127.0.0.1', String(other.port));
    name.target = other.port;
  };
  return { url: `redis://127.0.0.1:${port}`, port, pid: child.pid as number, command, failOverTo, stop };
}

async function rejectOnExit(child: ChildProcess): Promise<never> {
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output = (output + chunk).slice(-4000);
  });
  const why = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${error.message}; install it with: apt-get install redis-server`));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? code}\n${output}`));
  });
  throw new Error(`Tests need redis-server, which did not start: ${why}`);
}

async function acceptsConnections(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await sleep(20);
    } finally {
      socket.destroy();
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  // SIGKILL, because a test may have stopped it by SIGSTOP, and other signals wait then.
  child.kill('SIGKILL');
  await exited;
}
