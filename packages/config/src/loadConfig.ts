import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from './configError.js';
import { type Environment, environmentSchema } from './environment.js';
import { readSecretFiles } from './secretFiles.js';

/** The settings of Trainyard's processes. Paths are absolute; null: not given, or no limit. */
export type Config = ReturnType<typeof toConfig>;

/**
 * Reads the environment; no other code in the repository does. An empty variable counts as absent, as compose files
 * pass unset variables so.
 * @throws ConfigError that names the first variable that cannot be used.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const given = readSecretFiles({ ...present, ...lowerCaseProxies(present) });
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigError(String(issue?.path[0]), issue?.message ?? 'cannot be used');
  }
  return toConfig(parsed.data);
}

/** The lower-case names are the older ones, and win, as in curl. */
const lowerCaseProxies = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => {
      const value = env[name.toLowerCase()];
      return value === undefined ? [] : [[name, value]];
    }),
  );

function toConfig(values: Environment) {
  const home = absolute('TRAINYARD_HOME', values.TRAINYARD_HOME ?? '~/.trainyard');
  return {
    home,
    host: values.TRAINYARD_HOST,
    port: values.TRAINYARD_PORT,
    /** Without a slash at its end; null: clients use the root of the address at which they reach the API. */
    publicUrl: values.TRAINYARD_PUBLIC_URL ?? null,
    /** IP addresses and networks. */
    trustedProxies: values.TRAINYARD_TRUSTED_PROXIES,
    /** `*` alone: every origin. */
    corsOrigins: values.TRAINYARD_CORS_ORIGINS,
    publicDocs: values.TRAINYARD_PUBLIC_DOCS === 'true',
    /** Days after the end of a job. */
    keepEventsDays: values.TRAINYARD_KEEP_EVENTS_DAYS || null,
    keepCheckpointsDays: values.TRAINYARD_KEEP_CHECKPOINTS_DAYS || null,
    /** Of API keys that have no limits of their own. */
    limits: {
      requestsPerMinute: values.TRAINYARD_REQUESTS_PER_MINUTE || null,
      queuedJobs: values.TRAINYARD_QUEUED_JOBS || null,
      trainingSecondsPerDay: values.TRAINYARD_TRAINING_SECONDS_PER_DAY || null,
    },
    /** Of a project's datasets and uploads together. */
    datasetBytes: values.TRAINYARD_DATASET_BYTES || null,
    predict: {
      threads: values.TRAINYARD_PREDICT_THREADS,
      memoryMegabytes: values.TRAINYARD_PREDICT_MEMORY,
      maxImages: values.TRAINYARD_PREDICT_IMAGES,
      maxBytes: values.TRAINYARD_PREDICT_BYTES,
      maxPixels: values.TRAINYARD_PREDICT_MEGAPIXELS * 1_000_000,
      maxRequests: values.TRAINYARD_PREDICT_REQUESTS,
      maxBatchImages: values.TRAINYARD_PREDICT_BATCH_IMAGES,
    },
    allowPrivateUrls: values.TRAINYARD_ALLOW_PRIVATE_URLS === 'true',
    /** Networks, addresses and host names that webhooks may reach although they are private. */
    privateUrls: values.TRAINYARD_PRIVATE_URLS,
    drainSeconds: values.TRAINYARD_DRAIN_SECONDS,
    keepAuditDays: values.TRAINYARD_KEEP_AUDIT_DAYS,
    databaseUrl: values.DATABASE_URL ?? null,
    /** Null: as many as the kind of process needs. */
    databaseConnections: values.TRAINYARD_DATABASE_CONNECTIONS ?? null,
    redisUrl: values.REDIS_URL ?? null,
    executor: values.TRAINYARD_EXECUTOR,
    /** `auto`, `cpu`, `cuda`, `cuda:<number>` or `torch:cpu`. */
    device: values.TRAINYARD_DEVICE,
    threads: values.TRAINYARD_THREADS,
    trainers: values.TRAINYARD_TRAINERS,
    /** Of a worker; null: unknown. */
    costPerHour: values.TRAINYARD_COST_PER_HOUR ?? null,
    /** On the loopback; null: the worker serves no metrics. */
    workerMetricsPort: values.TRAINYARD_WORKER_METRICS_PORT ?? null,
    logLevel: values.LOG_LEVEL,
    /** Path of a CIFAR-10 archive. */
    cifar10: values.TRAINYARD_CIFAR10 === undefined ? null : absolute('TRAINYARD_CIFAR10', values.TRAINYARD_CIFAR10),
    /** For clients of a running service. */
    url: values.TRAINYARD_URL ?? null,
    apiKey: values.TRAINYARD_API_KEY ?? null,
    mlflow: {
      token: values.MLFLOW_TRACKING_TOKEN ?? null,
      user: values.MLFLOW_TRACKING_USERNAME ?? null,
      password: values.MLFLOW_TRACKING_PASSWORD ?? null,
    },
    proxies: { http: values.HTTP_PROXY ?? null, https: values.HTTPS_PROXY ?? null, none: values.NO_PROXY ?? null },
    folders: {
      postgres: path.join(home, 'postgres'),
      datasets: path.join(home, 'datasets'),
      artifacts: artifactsFolder(values.ARTIFACTS_URL, home),
      logs: path.join(home, 'logs'),
    },
    /** Contains `{url, apiKey}` for the command line; readable by its owner alone. */
    credentialsFile: path.join(home, 'credentials.json'),
  };
}

/**
 * The database of a process that `trainyard up` did not start.
 * @throws ConfigError where DATABASE_URL is not set.
 */
export function requireDatabaseUrl(config: Config): string {
  if (config.databaseUrl === null) {
    throw new ConfigError('DATABASE_URL', 'is not set; set it, or run `trainyard up`, which runs its own Postgres');
  }
  return config.databaseUrl;
}

function artifactsFolder(value: string | undefined, home: string): string {
  if (value === undefined) return path.join(home, 'artifacts');
  if (value.startsWith('file:')) return fileURLToPath(value);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) {
    throw new ConfigError('ARTIFACTS_URL', 'must be a path or a file:// URL of a folder');
  }
  return absolute('ARTIFACTS_URL', value);
}

/** A shell leaves `~` alone in quotes, and so do compose files and units of systemd. */
function absolute(variable: string, value: string): string {
  const full = fullPath(variable, value);
  // To make a folder there never returns in Node.js: it takes the ENOENT for a missing parent, again and again.
  if (/^\/proc(\/|$)/.test(full)) throw new ConfigError(variable, 'cannot be below /proc, where nothing can be stored');
  return full;
}

function fullPath(variable: string, value: string): string {
  if (value !== '~' && !value.startsWith('~/')) return path.resolve(value);
  return path.join(userHome(variable), value.slice(2));
}

function userHome(variable: string): string {
  try {
    const home = homedir();
    if (home !== '') return home;
  } catch {
    // HOME is not set, and the user id has no entry in passwd.
  }
  throw new ConfigError(variable, 'cannot be below the home folder of this user, who has none; set it to a full path');
}
