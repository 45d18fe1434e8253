import type { ApiKey, Role } from '@trainyard/contracts';
import { roleSchema } from '@trainyard/contracts';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { type Column, formatTable } from '../format/table.js';
import { parseKeyId, parseTime, parseWholeNumber } from '../parsers.js';

interface CreateOptions {
  role: Role;
  project?: string;
  requestsPerMinute?: number;
  queuedJobs?: number;
  trainingSeconds?: number;
  expires?: string;
}

export function addKeys(program: Command, context: Context): void {
  const keys = program.command('keys').description('make, list and revoke API keys; needs an admin key');
  keys
    .command('create')
    .description('make a key; its secret is shown once')
    .argument('<name>', 'whose it is, or where it is used')
    .addOption(new Option('--role <role>', 'what it may do').choices(roleSchema.options).default('submitter'))
    .option('--project <name>', 'whose jobs it sees; default: the project of your own key')
    .option('--requests-per-minute <count>', 'at most; default: as the service is configured', parseWholeNumber)
    .option('--queued-jobs <count>', 'jobs that wait at once, at most', parseWholeNumber)
    .option('--training-seconds <seconds>', 'of training a day, at most', parseWholeNumber)
    .option('--expires <time>', 'when it is refused from, e.g. 2027-01-31; default: never', parseTime)
    .action((name: string, options: CreateOptions) => create(context, name, options));
  keys
    .command('list')
    .alias('ls')
    .description('list keys, expired and revoked ones too')
    .action(() => list(context));
  keys
    .command('revoke')
    .description('revoke a key: within five seconds it opens nothing')
    .argument('<key>', 'its id', parseKeyId)
    .action((id: string) => revoke(context, id));
}

async function create(context: Context, name: string, options: CreateOptions): Promise<void> {
  const { role, project, requestsPerMinute, queuedJobs, trainingSeconds, expires } = options;
  const limits = defined({ requestsPerMinute, queuedJobs, trainingSecondsPerDay: trainingSeconds });
  const key = await (await context.client()).createKey({
    name,
    role,
    limits,
    ...defined({ project, expiresAt: expires }),
  });
  context.show(key, () => [
    ...formatKeys([key], context.terminal.columns),
    '',
    key.secret,
    '',
    'This is the only time that the secret is shown.',
  ]);
}

async function list(context: Context): Promise<void> {
  const data = await (await context.client()).keys();
  context.show({ data }, () => formatKeys(data, context.terminal.columns));
}

async function revoke(context: Context, id: string): Promise<void> {
  const key = await (await context.client()).revokeKey(id);
  context.show(key, () => [`${key.id}  revoked`]);
}

/** e.g. `60 requests/min, 5 queued`; empty where all is as the service is configured. */
function formatLimits({ limits }: ApiKey): string {
  const { requestsPerMinute, queuedJobs, trainingSecondsPerDay } = limits;
  const parts = [
    [requestsPerMinute, 'requests/min'],
    [queuedJobs, 'queued'],
    [trainingSecondsPerDay, 's training/day'],
  ] as const;
  return parts
    .filter(([value]) => value !== null)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(', ');
}

function formatState({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt === null) return 'open';
  if (Date.parse(expiresAt) <= Date.now()) return 'expired';
  return `until ${expiresAt.slice(0, 16).replace('T', ' ')} UTC`;
}

const columns: Column<ApiKey>[] = [
  { title: 'key', cell: ({ id }) => id },
  { title: 'project', cell: ({ project }) => project },
  { title: 'role', cell: ({ role }) => role },
  { title: 'name', cell: ({ name }) => name, elastic: 'end' },
  { title: 'state', cell: formatState },
  { title: 'limits', cell: formatLimits },
];

const formatKeys = (keys: readonly ApiKey[], width: number): string[] => formatTable(columns, keys, width);
