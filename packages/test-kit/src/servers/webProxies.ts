import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSettingsFolder, isInstalled, type Program, startProgram } from './program.js';

/** Whether Debian's packages are installed; `.ci/run` installs them. */
export const hasNginx = isInstalled('nginx', '-v');
export const hasHaproxy = isInstalled('haproxy', '-v');

export interface WebProxyOptions {
  /** Of nginx the `server` block, of HAProxy the whole file. */
  settings: string;
  /** On which the settings let it listen. */
  port: number;
}

export type WebProxy = Program;

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
  const folder = await createSettingsFolder('web-proxy');
  await writeFile(join(folder, 'proxy.conf'), settings);
  const [program = '', ...args] = command(folder);
  return startProgram(program, args, port, folder);
}
