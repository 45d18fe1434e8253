import type { TcpProxy } from '@trainyard/test-kit';
import type { Line } from '../machines.js';
import { after, type Fault, type Injected, type Scene } from './fault.js';

/** Faults of the connections of one process, or of all, to a server. */
export const networkFaults: Record<string, Fault> = {
  /** It hits the connections that exist; the process has to notice by itself, so it is over at once. */
  'Postgres connections half-open': async (scene) => halfOpen(scene, 'postgres'),
  'Redis connections half-open': async (scene) => halfOpen(scene, 'redis'),
  'Postgres behind a black hole': async (scene) => blackHole(scene, 'postgres'),
  'Redis behind a black hole': async (scene) => blackHole(scene, 'redis'),

  async 'connections reset'({ machines, random }) {
    const line = random.pick(machines.lines);
    const server = random.pick(serversOf(line));
    proxyOf(line, server)?.resetConnections();
    return { what: `of ${line.name} to ${server}`, hits: [] };
  },

  async 'connections refused'(scene) {
    return forAWhile(scene, [1000, 5000, 15_000], (proxy) => {
      proxy.refuse();
      proxy.resetConnections();
    });
  },

  async latency(scene) {
    const latencyMs = scene.random.integer(300, 2000) / 2;
    const injected = await forAWhile(scene, [5000, 15_000, 30_000], (proxy) => {
      proxy.latencyMs = latencyMs;
    });
    return injected && { ...injected, what: `${injected.what}, ${2 * latencyMs} ms to and fro` };
  },

  async 'bandwidth of 20 kB/s'(scene) {
    return forAWhile(scene, [5000, 15_000], (proxy) => {
      proxy.bytesPerSecond = 20_000;
    });
  },
};

type ServerName = 'postgres' | 'redis';

const proxyOf = (line: Line, server: ServerName): TcpProxy | null => line[server];
const serversOf = (line: Line): ServerName[] => (line.redis ? ['postgres', 'redis'] : ['postgres']);

function halfOpen({ machines, random }: Scene, server: ServerName): Injected | null {
  const line = random.pick(machines.lines);
  const count = proxyOf(line, server)?.loseConnections();
  return count ? { what: `${count} of ${line.name}`, hits: [] } : null;
}

/** Of one process, or of all. */
function blackHole({ machines, random }: Scene, server: ServerName): Injected | null {
  const all = random.chance(0.3);
  const lines = (all ? machines.lines : [random.pick(machines.lines)]).filter(({ busy }) => !busy);
  const proxies = lines.flatMap((line) => proxyOf(line, server) ?? []);
  if (proxies.length === 0) return null;
  const milliseconds = random.integer(5000, all ? 20_000 : 60_000);
  for (const proxy of proxies) proxy.blackHole = true;
  for (const line of lines) line.busy = true;
  const over = after(milliseconds, () => {
    for (const proxy of proxies) proxy.blackHole = false;
    for (const line of lines) line.busy = false;
  });
  const hits = all ? ['servers'] : lines.map(({ name }) => name);
  return { what: `for ${all ? 'all' : hits} for ${milliseconds} ms`, hits, over };
}

async function forAWhile({ machines, random }: Scene, choices: number[], begin: (proxy: TcpProxy) => void) {
  const line = random.pick(machines.lines);
  const server = random.pick(serversOf(line));
  const proxy = proxyOf(line, server);
  if (line.busy || !proxy) return null;
  line.busy = true;
  const milliseconds = random.pick(choices);
  begin(proxy);
  const over = after(milliseconds, async () => {
    await proxy.heal();
    line.busy = false;
  });
  return { what: `between ${line.name} and ${server} for ${milliseconds} ms`, hits: [line.name], over };
}
