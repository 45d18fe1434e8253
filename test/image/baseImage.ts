import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { arch } from 'node:os';
import path from 'node:path';
import { type Buildah, run } from './buildah.js';

/** What the Dockerfile is based on. */
const base = 'docker.io/library/node:20-bookworm-slim';

/**
 * Builds a replacement for the official Node image, whose registry many machines cannot reach: Debian from
 * `debootstrap`, Node from npm, and the user `node`.
 *
 * @param folder where Debian and Node are unpacked
 */
export async function createBaseImage(buildah: Buildah, folder: string): Promise<void> {
  const root = path.join(folder, 'debian');
  await rm(root, { recursive: true, force: true });
  await run('debootstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', root, await debianMirror()]);
  // A build sees this machine's certificates there, which an upgrade could not replace.
  await run('chroot', [root, 'apt-mark', 'hold', 'ca-certificates']);
  await addNode(root, folder);
  await run('chroot', [root, 'useradd', '--create-home', '--uid', '1000', 'node']);
  const container = await buildah.call('from', 'scratch');
  await buildah.call('add', '--quiet', container, root, '/');
  await buildah.call('config', ...certificateSettings(), container);
  await buildah.call('commit', '--quiet', container, base);
  await buildah.call('rm', container);
}

/** Node and its npm below /usr/local, where the official image has them. */
async function addNode(root: string, folder: string): Promise<void> {
  const packageName = `node-linux-${arch()}`;
  const download = path.join(folder, 'node');
  await mkdir(download, { recursive: true });
  await run('npm', ['install', '--prefix', download, '--force', '--no-save', `${packageName}@20`]);
  const installed = path.join(download, 'node_modules', packageName);
  for (const part of ['bin/node', 'include']) {
    await cp(path.join(installed, part), path.join(root, 'usr/local', part), { recursive: true });
  }
  await run('npm', ['install', '--global', '--prefix', path.join(root, 'usr/local'), 'npm@10']);
}

/** The mirror that this machine installs from. */
async function debianMirror(): Promise<string> {
  const sources = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'].filter((file) =>
    existsSync(file),
  );
  const texts = await Promise.all(sources.map((file) => readFile(file, 'utf8')));
  return /^(?:URIs:|deb)\s+(https?:\S+)/m.exec(texts.join('\n'))?.[1] ?? 'http://deb.debian.org/debian';
}

const certificates = '/etc/ssl/certs';

/** Node trusts its own certificates; a machine behind a proxy of its own has more. */
const certificateSettings = () => [
  '--env',
  `NODE_EXTRA_CA_CERTS=${certificates}/ca-certificates.crt`,
  '--env',
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
];

/** Files of this machine that a build reads to reach the same registries: apt's, pip's, npm's and the certificates. */
export const registryMounts = () =>
  ['/etc/apt', '/etc/pip.conf', certificates, path.join(process.env.HOME ?? '/root', '.npmrc')]
    .filter((file) => existsSync(file))
    .map((file) => `${file}:${file.endsWith('.npmrc') ? '/root/.npmrc' : file}`);
