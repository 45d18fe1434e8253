import { Advice, capture, has, run } from './shell.mjs';

/** What is asked of the machine beyond Node: looked for first, installed by apt where this user may. */

/** The first release of each supported line of Node, as in package.json's `engines`. */
const supportedNode = [
  [20, 19],
  [22, 13],
  [24, 0],
];

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 24 || supportedNode.some(([line, oldest]) => major === line && minor >= oldest)) return;
  const names = supportedNode.map((version) => version.join('.')).join(', ');
  throw new Advice(`Trainyard needs Node ${names} or newer; this is ${process.versions.node}.`);
}

/** A C++ compiler, make and oneDNN. */
export async function ensureCompiler() {
  const packages = [];
  if (!(await has(process.env.CXX ?? 'g++'))) packages.push('g++');
  if (!(await has('make'))) packages.push('make');
  if (packages.includes('g++') || !(await findsOneDnn())) packages.push('libdnnl-dev');
  await aptInstall(packages, 'The native executor is compiled on this machine');
}

/** For the tests of the queue on Redis. */
export async function ensureRedis() {
  if (!(await has('redis-server'))) await aptInstall(['redis-server'], 'The tests run the queue on a real Redis');
}

async function findsOneDnn() {
  const prefix = process.env.LIBS_ROOT;
  const flags = prefix ? [`-I${prefix}/include`] : [];
  const input = '#include <dnnl.hpp>\n';
  return (await capture(process.env.CXX ?? 'g++', [...flags, '-x', 'c++', '-E', '-'], { input })).code === 0;
}

async function aptInstall(packages, why) {
  if (packages.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const asRoot = await rootPrefix();
  if (!asRoot || !(await has('apt-get'))) {
    const byHand = (await has('apt-get'))
      ? `type this, then start again:\n\n  sudo ${command}`
      : `install what Debian calls ${packages.join(', ')}, then start again.`;
    throw new Advice(`${why} and needs ${packages.join(', ')}: ${byHand}`);
  }
  const [program, ...args] = [...asRoot, ...command.split(' ')];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if ((await capture(program, args, { env })).code === 0) return;
  // The list of packages of a fresh machine is empty, or names versions that are gone.
  await run(asRoot[0] ?? 'apt-get', [...asRoot.slice(1), ...(asRoot.length ? ['apt-get'] : []), 'update'], { env });
  await run(program, args, { env });
}

/** What to put before a command to run it as root: nothing, sudo where it asks no password; null: not possible. */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return (await capture('sudo', ['-n', 'true'])).code === 0 ? ['sudo', '-n'] : null;
}
