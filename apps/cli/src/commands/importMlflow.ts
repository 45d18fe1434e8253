import type { Command } from 'commander';
import type { Context } from '../context.js';
import { exitCodes } from '../exitCodes.js';
import { formatCount } from '../format/numbers.js';
import { type Column, formatTable } from '../format/table.js';
import { type Imported, importRuns } from '../mlflow/importRuns.js';
import { MlflowServer } from '../mlflow/mlflowServer.js';
import { collect } from '../parsers.js';
import { printable } from '../terminal.js';

const help = `
Runs that have ended are stored with their params, tags and the whole history of each
metric. The history lists them with --foreign; they count in no ranking and no
forecast. The same command again reads only what is new, also after Ctrl-C.

Access: MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.

Examples:
  trainyard import mlflow http://localhost:5000
  trainyard results --foreign --filter 'kind = foreign AND metric.val_loss < 0.5'`;

interface MlflowOptions {
  experiment?: string[];
  again?: boolean;
}

export function addImportMlflow(parent: Command, context: Context): void {
  parent
    .command('mlflow')
    .description('read the runs of an MLflow server into the history')
    .argument('<url>', 'the tracking URI of the server')
    .option('--experiment <name>', 'only runs of this experiment; may be given again', collect)
    .option('--again', 'read runs that are there already too, and replace them')
    .addHelpText('after', help)
    .action((url: string, options: MlflowOptions) => importMlflow(context, url, options));
}

async function importMlflow(
  context: Context,
  url: string,
  { experiment, again = false }: MlflowOptions,
): Promise<void> {
  const { terminal } = context;
  const client = await context.client();
  const fetch = await context.fetch();
  let last: Imported | null = null;
  const done = await context.interruptible((signal) => {
    const server = new MlflowServer(url, { ...context.config.mlflow, fetch, signal });
    const onProgress = (name: string, sofar: Imported) => {
      last = sofar;
      terminal.status(`${printable(name)}: ${summary(sofar)}`);
    };
    return importRuns(client, server, { experiments: experiment ?? null, again, onProgress });
  });
  if (done === null) {
    terminal.warn(`stopped; ${last === null ? 'nothing was stored' : summary(last)}. The same command goes on.`);
    return;
  }
  if (done.left.some(({ failed }) => failed)) context.exitCode = exitCodes.failed;
  context.show(done, () => [summary(done), ...formatLeft(done, terminal.columns)]);
}

const summary = ({ stored, present, left }: Imported): string =>
  [
    `${formatCount(stored)} ${stored === 1 ? 'run' : 'runs'} stored`,
    ...(present > 0 ? [`${formatCount(present)} there already`] : []),
    ...(left.length > 0 ? [`${formatCount(left.length)} left out`] : []),
  ].join(', ');

const formatLeft = ({ left }: Imported, width: number): string[] =>
  left.length === 0 ? [] : ['', ...formatTable(columns, left, width)];

const columns: Column<Imported['left'][number]>[] = [
  { title: 'run', cell: ({ runId }) => printable(runId) },
  { title: 'experiment', cell: ({ experiment }) => printable(experiment), elastic: 'end' },
  { title: 'left out, because', cell: ({ reason }) => printable(reason) },
];
