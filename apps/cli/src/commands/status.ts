import { ProblemError, type TrainyardClient, UnreachableError } from '@trainyard/client';
import type { QueueDepth, Readiness, Worker } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { findCredentials, readCredentials } from '../credentials.js';
import { exitCodes } from '../exitCodes.js';
import { counted } from '../format/numbers.js';
import { formatFields } from '../format/table.js';

/** What `status` knows of a service; null: it could not be asked for. */
interface Status {
  url: string | null;
  ready: boolean;
  checks: Readiness['checks'] | null;
  version: string | null;
  workers: Worker[] | null;
  queue: QueueDepth | null;
  /** Why the last three are not known. */
  problem: string | null;
  /** The process that runs the service on this machine's home. */
  stack: { home: string; pid: number } | null;
}

const help = `
The exit code is 0 when the service is ready and 1 when it is not, or does not answer.`;

export function addStatus(program: Command, context: Context): void {
  program
    .command('status')
    .description('show whether the service is up: readiness, version, workers, queue')
    .option('--home <folder>', 'of the stack to look at (default: TRAINYARD_HOME, else ~/.trainyard)')
    .addHelpText('after', help)
    .action(({ home }: { home?: string }) => status(context, home));
}

/** Where the environment names another service. */
const ofAnother = { TRAINYARD_URL: '', TRAINYARD_API_KEY: '', TRAINYARD_API_KEY_FILE: '' };

async function status(context: Context, home: string | undefined): Promise<void> {
  // A home that is given is that of the service.
  if (home !== undefined) context.override({ TRAINYARD_HOME: home, ...ofAnother });
  const found = await lookAt(context);
  context.exitCode = found.ready ? exitCodes.succeeded : exitCodes.failed;
  context.show(found, () => formatStatus(found, context));
}

async function lookAt(context: Context): Promise<Status> {
  const { config } = context;
  const stored = await readCredentials(config.credentialsFile);
  const url = context.options.url ?? config.url ?? stored?.url ?? null;
  const { stackOf } = await import('@trainyard/embedded');
  const held = url === null || url === stored?.url ? await stackOf(config.home) : null;
  const stack = held === null ? null : { home: config.home, pid: held.holder.pid };
  const nothing = { checks: null, version: null, workers: null, queue: null };
  if (url === null) return { url, ready: false, ...nothing, problem: 'no service is known here', stack };
  // Checks the URL.
  await findCredentials(config, url);
  const client = await context.client();
  try {
    const { ready, checks } = await client.health();
    return { url, ready, checks, ...(await details(client)), stack };
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof ProblemError)) throw error;
    return { url, ready: false, ...nothing, problem: error.message, stack };
  }
}

/** What needs a key, and may fail while the service is not ready. */
async function details(client: TrainyardClient): Promise<Pick<Status, 'version' | 'workers' | 'queue' | 'problem'>> {
  const asked = await Promise.allSettled([client.version(), client.workers(), client.queue()] as const);
  const [version, workers, queue] = asked.map((answer) => (answer.status === 'fulfilled' ? answer.value : null));
  const failed = asked.find((answer) => answer.status === 'rejected');
  const problem = failed ? messageOf(failed.reason) : null;
  return { version, workers, queue, problem } as Pick<Status, 'version' | 'workers' | 'queue' | 'problem'>;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function formatStatus({ url, ready, checks, stack, ...found }: Status, { terminal }: Context): string[] {
  const state = ready ? terminal.paint('green', 'ready') : terminal.paint('red', checks ? 'not ready' : 'down');
  const faults = Object.entries(checks ?? {}).filter(([, { ok }]) => !ok);
  return [
    url === null ? state : `${state}  ${url}`,
    ...formatFields([
      ...faults.map(([name, { detail }]): [string, string] => [name, detail ?? 'fails']),
      ['version', found.version],
      ['workers', found.workers && formatWorkers(found.workers)],
      [
        'queue',
        found.queue && `${found.queue.waiting} waiting, ${found.queue.active} running; it is in ${found.queue.backend}`,
      ],
      ['stack', stack && `process ${stack.pid}, on ${stack.home}`],
      ['problem', found.problem],
    ]),
  ];
}

function formatWorkers(workers: readonly Worker[]): string {
  const alive = workers.filter((worker) => worker.alive);
  const training = alive.filter(({ jobId }) => jobId !== null).length;
  const faulty = alive.filter(({ fault }) => fault !== null).length;
  const faults = faulty === 0 ? '' : `, ${faulty} with a fault (trainyard workers)`;
  return alive.length === 0 ? 'none: jobs wait' : `${counted(alive.length, 'worker')}, ${training} training${faults}`;
}
