import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.js';

const isInstalled = (program: string): boolean => {
  try {
    execFileSync(program, ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Whether Debian's packages are installed; `.ci/run` installs them. */
export const hasNginx = isInstalled('nginx');
export const hasHaproxy = isInstalled('haproxy');

export interface WebProxyOptions {
  /** Of nginx the `server` block, of HAProxy the whole file. */
  settings: string;
  /** On which the settings let it listen. */
  port: number;
}

export interface WebProxy {
  stop(): Promise<void>;
}

export async function startNginx({ settings, port }: WebProxyOptions): Promise<WebProxy> {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  const file = [
    'pid nginx.pid;',
    'error_log stderr;',
    'events {}',
    'http {',
    'access_log off;',
    ...paths,
    settings,
    '}',
  ];
  return start(`${file.join('\n')}\n`, port, (folder) => [
    'nginx',
    '-p',
    folder,
    '-c',
    'proxy.conf',
    '-g',
    'daemon off;',
  ]);
}

export const startHaproxy = ({ settings, port }: WebProxyOptions): Promise<WebProxy> =>
  start(settings, port, (folder) => ['haproxy', '-db', '-f', join(folder, 'proxy.conf')]);

async function start(settings: string, port: number, command: (folder: string) => string[]): Promise<WebProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-web-proxy-'));
  // nginx of root serves as another user.
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'proxy.conf'), settings);
  const [program = '', ...args] = command(folder);
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr?.on('data', (text) => {
    complaints += text;
  });
  await eventually(program, () => {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${complaints}`);
    return canConnect(port);
  });
  return {
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

const canConnect = (port: number): Promise<true | null> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.end();
      resolve(true);
    });
    socket.on('error', () => resolve(null));
  });
