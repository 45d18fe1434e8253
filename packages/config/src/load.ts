import { availableParallelism, homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ConfigError } from './error.js';

const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'must be a URL like postgresql://user:password@host:5432/database',
});
const redisUrl = z.url({ protocol: /^rediss?$/, error: 'must be a URL like redis://:password@host:6379' });
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be a URL like http://127.0.0.1:4600' });
const wholeNumber = (low: number, high: number) =>
  z.coerce
    .number({ error: `must be a whole number from ${low} to ${high}` })
    .int(`must be a whole number from ${low} to ${high}`)
    .min(low, `must be at least ${low}`)
    .max(high, `must be at most ${high}`);

const environmentSchema = z.object({
  /** Everything that a machine keeps lies below this folder, so that it can be backed up or thrown away as one. */
  TRAINYARD_HOME: z.string().default(() => path.join(homedir(), '.trainyard')),
  /** Loopback unless told otherwise: the API speaks plain HTTP, so who opens it puts a TLS proxy before it. */
  TRAINYARD_HOST: z.string().default('127.0.0.1'),
  /** 0 lets the system choose, which tests need. */
  TRAINYARD_PORT: wholeNumber(0, 65535).default(4600),
  /** What one API key may send to one API process; 0: any number. Well above what people and dashboards do. */
  TRAINYARD_REQUESTS_PER_MINUTE: wholeNumber(0, 1_000_000_000).default(6000),
  /**
   * Days after a job's end for which its events of epochs, checkpoints and tests stay, all of which other rows tell too; 0:
   * for ever, which costs about 300 bytes an epoch.
   */
  TRAINYARD_KEEP_EVENTS_DAYS: wholeNumber(0, 36_500).default(0),
  /** Days after a job's end for which its checkpoints besides the best stay, for a retry to go on from; 0: for ever. */
  TRAINYARD_KEEP_CHECKPOINTS_DAYS: wholeNumber(0, 36_500).default(0),
  /** Jobs of one API key that may wait at once; 0: any number. More than people fill by hand, and less than fills a disk. */
  TRAINYARD_QUEUED_JOBS: wholeNumber(0, 1_000_000_000).default(100_000),
  /** Seconds of training a day that one API key may use; 0: any number, as GPUs that stand idle help nobody. */
  TRAINYARD_TRAINING_SECONDS_PER_DAY: wholeNumber(0, 1_000_000_000).default(0),
  /** Days for which it is remembered what API keys did. */
  TRAINYARD_KEEP_AUDIT_DAYS: wholeNumber(1, 36_500).default(365),
  /** Absent: `trainyard up` runs a Postgres of its own. */
  DATABASE_URL: postgresUrl.optional(),
  /** Absent: the queue lives in Postgres, and there is one thing less to run. */
  REDIS_URL: redisUrl.optional(),
  /** Where checkpoints go; API and workers must see the same files, so several machines share a mounted folder. */
  ARTIFACTS_URL: z.string().optional(),
  /** `auto` takes the fastest that works here; a fixed one makes runs comparable between machines. */
  TRAINYARD_EXECUTOR: z.enum(['auto', 'native', 'tfjs'], { error: 'must be auto, native or tfjs' }).default('auto'),
  /**
   * Which device a worker computes on; two workers of one machine each take their own GPU. auto: the first GPU, where
   * PyTorch's addon is built and sees one. torch:cpu: PyTorch's operators without a GPU, to test them.
   */
  TRAINYARD_DEVICE: z
    .string()
    .regex(/^(auto|cpu|cuda(:[0-9]{1,2})?|torch:cpu)$/, 'must be auto, cpu or cuda:N')
    .default('auto'),
  /** Threads of a trainer. The same number gives the same bits, so it is fixed where runs are to be repeated elsewhere. */
  TRAINYARD_THREADS: wholeNumber(1, 256).default(() => Math.min(availableParallelism(), 256)),
  /** Where a worker tells its metrics, on the loopback; absent: nowhere. Each worker of a machine needs its own. */
  TRAINYARD_WORKER_METRICS_PORT: wholeNumber(1, 65535).optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be trace, debug, info, warn, error, fatal or silent',
    })
    .default('info'),
  /** A CIFAR-10 archive at hand, which saves the download of 163 MB. */
  TRAINYARD_CIFAR10: z.string().optional(),
  /** Which service the command line talks to, and its key; absent: those that `trainyard up` left in the home. */
  TRAINYARD_URL: httpUrl.optional(),
  TRAINYARD_API_KEY: z.string().optional(),
});

/** What the processes of Trainyard are told from outside. Paths are absolute; null: not given. */
export interface Config {
  home: string;
  host: string;
  port: number;
  /** Days after a job's end; null: for ever. */
  keepEventsDays: number | null;
  keepCheckpointsDays: number | null;
  /** Of API keys that have none of their own; null: any number. */
  limits: { requestsPerMinute: number | null; queuedJobs: number | null; trainingSecondsPerDay: number | null };
  keepAuditDays: number;
  databaseUrl: string | null;
  redisUrl: string | null;
  executor: 'auto' | 'native' | 'tfjs';
  /** `auto`, `cpu`, `cuda` or `cuda:<number>`. */
  device: string;
  threads: number;
  /** Port on the loopback; null: none. */
  workerMetricsPort: number | null;
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** Path of a CIFAR-10 archive. */
  cifar10: string | null;
  /** URL and key for clients of a running service. */
  url: string | null;
  apiKey: string | null;
  folders: { postgres: string; datasets: string; artifacts: string; logs: string };
  /** `{url, apiKey}` for the command line, readable by its owner alone. */
  credentialsFile: string;
}

/**
 * Reads the environment once; nothing else in the repository does. An empty variable counts as absent, as compose files
 * pass them.
 * @throws ConfigError naming the first variable that cannot be used.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigError(String(issue?.path[0]), issue?.message ?? 'cannot be used');
  }
  const values = parsed.data;
  const home = path.resolve(values.TRAINYARD_HOME);
  return {
    home,
    host: values.TRAINYARD_HOST,
    port: values.TRAINYARD_PORT,
    keepEventsDays: values.TRAINYARD_KEEP_EVENTS_DAYS || null,
    keepCheckpointsDays: values.TRAINYARD_KEEP_CHECKPOINTS_DAYS || null,
    limits: {
      requestsPerMinute: values.TRAINYARD_REQUESTS_PER_MINUTE || null,
      queuedJobs: values.TRAINYARD_QUEUED_JOBS || null,
      trainingSecondsPerDay: values.TRAINYARD_TRAINING_SECONDS_PER_DAY || null,
    },
    keepAuditDays: values.TRAINYARD_KEEP_AUDIT_DAYS,
    databaseUrl: values.DATABASE_URL ?? null,
    redisUrl: values.REDIS_URL ?? null,
    executor: values.TRAINYARD_EXECUTOR,
    device: values.TRAINYARD_DEVICE,
    threads: values.TRAINYARD_THREADS,
    workerMetricsPort: values.TRAINYARD_WORKER_METRICS_PORT ?? null,
    logLevel: values.LOG_LEVEL,
    cifar10: values.TRAINYARD_CIFAR10 === undefined ? null : path.resolve(values.TRAINYARD_CIFAR10),
    url: values.TRAINYARD_URL ?? null,
    apiKey: values.TRAINYARD_API_KEY ?? null,
    folders: {
      postgres: path.join(home, 'postgres'),
      datasets: path.join(home, 'datasets'),
      artifacts: artifactsFolder(values.ARTIFACTS_URL, home),
      logs: path.join(home, 'logs'),
    },
    credentialsFile: path.join(home, 'credentials.json'),
  };
}

/**
 * The database of a process that is not started by `trainyard up`.
 * @throws ConfigError where there is none.
 */
export function requireDatabaseUrl(config: Config): string {
  if (config.databaseUrl === null) {
    throw new ConfigError(
      'DATABASE_URL',
      'is not set; set it, or run `trainyard up`, which brings a Postgres of its own',
    );
  }
  return config.databaseUrl;
}

function artifactsFolder(value: string | undefined, home: string): string {
  if (value === undefined) return path.join(home, 'artifacts');
  if (value.startsWith('file:')) return fileURLToPath(value);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) {
    throw new ConfigError('ARTIFACTS_URL', 'must be a path or a file:// URL of a folder');
  }
  return path.resolve(value);
}
