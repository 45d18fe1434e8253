import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { hosts, networks, origins, publicUrl } from './httpSettings.js';

/** Only the beginning is checked here: `parsePostgresUrl` reads the rest, which WHATWG's rules of URLs do not allow. */
const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, 'must be a URL like postgresql://user:password@host:5432/database');
/** Several hosts, which no URL may have, and a socket's path besides plain URLs; the queue reads the details. */
const isRedisUrl = (text: string) =>
  /^(rediss?\+sentinel|redis\+unix):\/\/\S+$/.test(text) || (/^rediss?:\/\//.test(text) && URL.canParse(text));
const redisUrl = z.string().refine(isRedisUrl, 'must be a URL like redis://:password@host:6379');
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be a URL like http://127.0.0.1:4600' });
/** Without a scheme, as curl takes it too. What cannot be used is refused by the command line alone, which uses it. */
const proxyUrl = z.string().transform((text) => (text.includes('://') ? text : `http://${text}`));
const trueOrFalse = z.enum(['true', 'false'], { error: 'must be true or false' });
const wholeNumber = (low: number, high: number) =>
  z.coerce
    .number({ error: `must be a whole number from ${low} to ${high}` })
    .int(`must be a whole number from ${low} to ${high}`)
    .min(low, `must be at least ${low}`)
    .max(high, `must be at most ${high}`);

const cost = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,9})?$/, 'must be a number like 2.5, below 1000000000')
  .transform(Number);

/** Every variable of the environment that Trainyard reads; a secret may also be in a file: `readSecretFiles`. */
export const environmentSchema = z.object({
  /** All data of a machine is below this folder, so that it can be backed up or removed as a whole. */
  TRAINYARD_HOME: z.string().optional(),
  /**
   * The loopback by default: the API speaks plain HTTP, so a service for other machines needs a TLS proxy before it.
   */
  TRAINYARD_HOST: z.string().default('127.0.0.1'),
  /** 0: a free port that the system chooses, for tests. */
  TRAINYARD_PORT: wholeNumber(0, 65535).default(4600),
  /**
   * Where clients reach the API, with the path that a proxy has it below, as `https://example.org/trainyard`; absent:
   * at the root of whatever address they use.
   */
  TRAINYARD_PUBLIC_URL: publicUrl.optional(),
  /**
   * Proxies whose X-Forwarded-For is believed, as the address of a client in the log and for limits without a key.
   * None by default: anyone could write such a header.
   */
  TRAINYARD_TRUSTED_PROXIES: networks.default([]),
  /** Origins of pages whose scripts may use the API in browsers, such as `https://example.org`; `*`: every page. */
  TRAINYARD_CORS_ORIGINS: origins.default([]),
  /** Whether `/openapi.json` and `/docs`, which say nothing of users and their data, need no key. */
  TRAINYARD_PUBLIC_DOCS: trueOrFalse.default('true'),
  /** Limit per API key and API process; 0: no limit. The default is well above what people and dashboards send. */
  TRAINYARD_REQUESTS_PER_MINUTE: wholeNumber(0, 1_000_000_000).default(6000),
  /**
   * Days after the end of a job for which its events of epochs, checkpoints and tests are kept, all of which other rows
   * contain too; 0: no limit, which costs about 300 bytes an epoch.
   */
  TRAINYARD_KEEP_EVENTS_DAYS: wholeNumber(0, 36_500).default(0),
  /** Days after the end of a job for which its checkpoints other than the best are kept, for a retry; 0: no limit. */
  TRAINYARD_KEEP_CHECKPOINTS_DAYS: wholeNumber(0, 36_500).default(0),
  /**
   * Jobs of one API key that may be queued at once; 0: no limit. People do not reach it, and a full disk needs more.
   */
  TRAINYARD_QUEUED_JOBS: wholeNumber(0, 1_000_000_000).default(100_000),
  /** Seconds of training a day that one API key may use; 0: no limit, the default, as idle GPUs help no user. */
  TRAINYARD_TRAINING_SECONDS_PER_DAY: wholeNumber(0, 1_000_000_000).default(0),
  /** Bytes that the datasets, uploads and predictions of a project may have together; 0: no limit. */
  TRAINYARD_DATASET_BYTES: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(100_000_000_000),
  /**
   * Whether a dataset may be imported over HTTP from a URL of this machine or its private network; with it, the holder
   * of a key may read what only the service can reach. Webhooks too may lead there.
   */
  TRAINYARD_ALLOW_PRIVATE_URLS: trueOrFalse.default('false'),
  /** What webhooks alone may reach on this machine and its private network: networks, addresses and host names. */
  TRAINYARD_PRIVATE_URLS: hosts.default([]),
  /** Days for which the audit log keeps its entries. */
  TRAINYARD_KEEP_AUDIT_DAYS: wholeNumber(1, 36_500).default(365),
  /** Seconds for which an API that was asked to stop serves on, so that a balancer finds it not ready and leaves it. */
  TRAINYARD_DRAIN_SECONDS: wholeNumber(0, 300).default(3),
  /** Threads that one prediction computes with; more leave less to trainers and to other requests. */
  TRAINYARD_PREDICT_THREADS: wholeNumber(1, 256).default(1),
  /** Mebibytes that models of predictions may take together; those used last stay in memory. */
  TRAINYARD_PREDICT_MEMORY: wholeNumber(16, 1_000_000).default(512),
  /** Images of one request. */
  TRAINYARD_PREDICT_IMAGES: wholeNumber(1, 10_000).default(64),
  /** Bytes of one request; all requests at once may have eight times as many. */
  TRAINYARD_PREDICT_BYTES: wholeNumber(1024, 2 ** 30).default(32 * 2 ** 20),
  /** Millions of pixels of one image. */
  TRAINYARD_PREDICT_MEGAPIXELS: wholeNumber(1, 268).default(50),
  /** Requests of predictions that are read, wait or are computed at once. */
  TRAINYARD_PREDICT_REQUESTS: wholeNumber(1, 100_000).default(256),
  /** Images of one prediction that is queued work. */
  TRAINYARD_PREDICT_BATCH_IMAGES: wholeNumber(1, 100_000_000).default(1_000_000),
  /** Absent: `trainyard up` runs its own Postgres. */
  DATABASE_URL: postgresUrl.optional(),
  /**
   * Connections of the pool of an API or worker process, by default 10 and 4. With fewer than 4, a task that holds one
   * while it needs another would hold up the rest.
   */
  TRAINYARD_DATABASE_CONNECTIONS: wholeNumber(4, 1000).optional(),
  /** Absent: the queue is in Postgres, and there is one server less to run. */
  REDIS_URL: redisUrl.optional(),
  /** Folder for checkpoints. API and workers must see the same files: several machines share a mounted folder. */
  ARTIFACTS_URL: z.string().optional(),
  /**
   * `auto`: the fastest that works on this machine; a fixed one makes runs comparable between machines. The values are
   * those of `executorChoiceSchema` in contracts, which this package may not import; a test compares them.
   */
  TRAINYARD_EXECUTOR: z.enum(['auto', 'native', 'tfjs'], { error: 'must be auto, native or tfjs' }).default('auto'),
  /**
   * The device that a worker computes on; two workers of one machine each get their own GPU. `auto`: the first GPU, if
   * the addon for PyTorch is built and finds one. `torch:cpu`: PyTorch's operators without a GPU, for tests.
   */
  TRAINYARD_DEVICE: z
    .string()
    .regex(/^(auto|cpu|cuda(:[0-9]{1,2})?|torch:cpu)$/, 'must be auto, cpu or cuda:N')
    .default('auto'),
  /**
   * Threads of a worker. Only the same number gives the same bits; set it where runs are repeated on other machines.
   */
  TRAINYARD_THREADS: wholeNumber(1, 256).default(() => Math.min(availableParallelism(), 256)),
  /**
   * Jobs that a worker process trains at once, each with its share of the threads, of the memory and of the cost. With
   * more than one, small networks train more images a second in all: their steps cannot keep many threads busy.
   */
  TRAINYARD_TRAINERS: wholeNumber(1, 64).default(1),
  /** What an hour of a worker costs, in any currency: jobs then have a cost. Absent: unknown. */
  TRAINYARD_COST_PER_HOUR: cost.optional(),
  /**
   * Port on the loopback on which a worker serves its metrics; absent: none. Each worker of a machine needs its own.
   */
  TRAINYARD_WORKER_METRICS_PORT: wholeNumber(1, 65535).optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be trace, debug, info, warn, error, fatal or silent',
    })
    .default('info'),
  /** Path of a CIFAR-10 archive, which saves the download of 163 MB. */
  TRAINYARD_CIFAR10: z.string().optional(),
  /** The service that the command line uses, and its key; absent: those that `trainyard up` left in the home. */
  TRAINYARD_URL: httpUrl.optional(),
  TRAINYARD_API_KEY: z.string().optional(),
  /** Access to the MLflow server that `trainyard import mlflow` reads, as MLflow's own clients have it. */
  MLFLOW_TRACKING_TOKEN: z.string().optional(),
  MLFLOW_TRACKING_USERNAME: z.string().optional(),
  MLFLOW_TRACKING_PASSWORD: z.string().optional(),
  /** Proxies of the command line, and hosts that it reaches without them; the names may be in lower case. */
  HTTP_PROXY: proxyUrl.optional(),
  HTTPS_PROXY: proxyUrl.optional(),
  NO_PROXY: z.string().optional(),
});

export type Environment = z.infer<typeof environmentSchema>;
