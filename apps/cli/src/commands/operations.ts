import type { AuditEntry, AuditQuery, ForecastScores, Worker } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { formatBytes, formatPercent, formatTime } from '../format/numbers.js';
import { type Column, formatTable } from '../format/table.js';
import { parseKeyId, parseWholeNumber } from '../parsers.js';

/** e.g. `run: 27 of 30 within p10 and p90 (90.0 %)` */
const formatScore = (what: string, { count, within, share }: ForecastScores['start']): string =>
  share === null ? `${what}: none yet` : `${what}: ${within} of ${count} within p10 and p90 (${formatPercent(share)})`;

/** Commands that show how the service is doing: `workers`, `queue`, `forecasts` and `audit`. */
export function addOperations(program: Command, context: Context): void {
  program
    .command('workers')
    .description('list the workers, and which job each of them trains')
    .action(() => workers(context));
  program
    .command('queue')
    .description('show how many jobs wait and run')
    .action(async () => {
      const depth = await (await context.client()).queue();
      context.show(depth, () => [
        `${depth.waiting} waiting, ${depth.active} running; the queue is in ${depth.backend}`,
      ]);
    });
  program
    .command('forecasts')
    .description('show how often the forecasts of start and run were right')
    .action(async () => {
      const { start, run } = await (await context.client()).forecasts();
      context.show({ start, run }, () => [formatScore('start', start), formatScore('run', run)]);
    });
  program
    .command('audit')
    .description('list what keys did, newest first; needs an admin key')
    .option('--key <id>', 'only requests of this key', parseKeyId)
    .option('--object <id>', 'only requests that concern this job or key')
    .option('--limit <count>', 'how many', parseWholeNumber, 20)
    .option('--cursor <text>', 'go on where an earlier list ended')
    .action(({ key, ...options }: { key?: string } & Partial<AuditQuery>) =>
      audit(context, defined({ keyId: key, ...options })),
    );
}

async function workers(context: Context): Promise<void> {
  const data = await (await context.client()).workers();
  context.show({ data }, () => {
    const faults = data.filter(({ fault }) => fault !== null).map(({ id, fault }) => `${id} takes no jobs: ${fault}`);
    return data.length === 0
      ? ['no workers']
      : [...formatTable(workerColumns, data, context.terminal.columns), ...faults];
  });
}

async function audit(context: Context, query: Partial<AuditQuery>): Promise<void> {
  const page = await (await context.client()).audit(query);
  context.show(page, () => {
    if (page.data.length === 0) return ['no entries'];
    const more = page.nextCursor === null ? [] : ['', `more: --cursor ${page.nextCursor}`];
    return [...formatTable(auditColumns, page.data, context.terminal.columns), ...more];
  });
}

function stateOf({ alive, fault, jobId }: Worker): string {
  if (!alive) return 'gone';
  if (fault !== null) return 'takes no jobs';
  return jobId === null ? 'idle' : 'training';
}

const workerColumns: Column<Worker>[] = [
  { title: 'worker', cell: ({ id }) => id, elastic: 'start' },
  { title: 'state', cell: stateOf },
  { title: 'host', cell: ({ hostname }) => hostname, elastic: 'end' },
  { title: 'runs on', cell: ({ executor, device }) => `${executor} ${device}` },
  { title: 'memory', cell: ({ memoryBytes }) => (memoryBytes == null ? '' : formatBytes(memoryBytes)), align: 'right' },
  { title: 'job', cell: ({ jobId }) => jobId ?? '' },
];

const auditColumns: Column<AuditEntry>[] = [
  { title: 'time', cell: ({ at }) => formatTime(at) },
  { title: 'key', cell: ({ keyId }) => keyId, elastic: 'start' },
  { title: 'request', cell: ({ action }) => action, elastic: 'end' },
  { title: 'object', cell: ({ object }) => object ?? '', elastic: 'start' },
  { title: 'status', cell: ({ status }) => String(status), align: 'right' },
];
