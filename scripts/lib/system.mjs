/** What the machine must have besides Node's packages; apt installs what is missing, where this user may do that. */
import { Advice, capture, isInstalled, run } from './shell.mjs';

/**
 * The first release of each supported line of Node, as in package.json's `engines`.
 * @type {[line: number, release: number][]}
 */
const supportedNode = [
  [20, 19],
  [22, 13],
  [24, 0],
];

/** @throws {Advice} when this Node is not supported */
export function requireNode() {
  // Their links and files of packages are not npm's. `pnpm run` and `yarn run` work: they run Node, and it npm.
  const other = process.versions.pnp ? 'Yarn Plug’n’Play' : process.versions.bun && 'Bun';
  const script = process.env.npm_lifecycle_event ?? 'quickstart';
  if (other)
    throw new Advice(`Use npm: \`npm run ${script}\`. This is ${other}; Trainyard runs on Node, with npm’s packages.`);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 24 || supportedNode.some(([line, release]) => major === line && minor >= release)) return;
  const names = supportedNode.map((version) => version.join('.')).join(', ');
  throw new Advice(`Trainyard needs Node ${names} or newer; this is ${process.versions.node}.`);
}

/**
 * Runs the C++ compiler. CXX is what make has it to be: words of the shell, as in `ccache g++`.
 * @param {string[]} args
 * @param {string} [input]
 */
const compiler = (args, input) => capture('sh', ['-c', `${namedCompiler() || 'g++'} "$@"`, 'sh', ...args], { input });
const namedCompiler = () => process.env.CXX?.trim();

/** Installs a C++ compiler, make and oneDNN. */
export async function ensureCompiler() {
  const packages = [];
  if ((await compiler(['--version'])).code !== 0) {
    if (namedCompiler()) throw new Advice(`CXX names no compiler that runs here: ${namedCompiler()}`);
    packages.push('g++');
  }
  if (!(await isInstalled('make'))) packages.push('make');
  if (packages.includes('g++') || !(await findsOneDnn())) packages.push('libdnnl-dev');
  await aptInstall(packages, 'The native executor is compiled on this machine');
}

/** Installs Redis, for the tests of the queue. */
export async function ensureRedis() {
  if (await isInstalled('redis-server')) return;
  await aptInstall(['redis-server'], 'The tests run the queue on a real Redis');
}

async function findsOneDnn() {
  const prefix = process.env.LIBS_ROOT;
  const flags = prefix ? [`-I${prefix}/include`] : [];
  const input = '#include <dnnl.hpp>\n';
  return (await compiler([...flags, '-x', 'c++', '-E', '-'], input)).code === 0;
}

/**
 * @param {string[]} packages
 * @param {string} why the beginning of the advice
 * @throws {Advice} that names the command, when this user may not install packages
 */
async function aptInstall(packages, why) {
  if (packages.length === 0) return;
  const hasApt = await isInstalled('apt-get');
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  const prefix = await rootPrefix();
  if (!prefix || !hasApt) {
    const byHand = hasApt
      ? `type this, then start again:\n\n  sudo ${install.join(' ')}`
      : `install the packages that Debian calls ${packages.join(', ')}, then start again.`;
    throw new Advice(`${why} and needs ${packages.join(', ')}: ${byHand}`);
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  /** @param {string[]} words */
  const asRoot = (words) => /** @type {[string, ...string[]]} */ ([...prefix, ...words]);
  const [program, ...args] = asRoot(install);
  if ((await capture(program, args, { env })).code === 0) return;
  // On a fresh machine the list of packages is empty, or names versions that no longer exist.
  const [updater, ...updateArgs] = asRoot(['apt-get', 'update']);
  await run(updater, updateArgs, { env });
  await run(program, args, { env });
}

/**
 * The words before a command that runs it as root: none for root, sudo where it needs no password; null: impossible.
 */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return (await capture('sudo', ['-n', 'true'])).code === 0 ? ['sudo', '-n'] : null;
}
