import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { LogOutput } from './logOutput.js';
import { maskSecrets } from './secrets.js';

/*
 * Defaults of logs and metrics that all services share. Apart from the package's other exports: the command line uses
 * those, and should not load pino and prom-client at every call.
 */

/** Where a request's API key may appear in a log line. */
const secrets = ['req.headers.authorization', 'headers.authorization'];

/** Characters of a driver's message or stack in a log line; some contain the whole text of a script or statement. */
const longest = 4000;
const deepest = 4;

/** Without the parameters of a Redis command, which at a login are the password; nested errors have commands too. */
function cleaned(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.slice(0, longest);
  if (Array.isArray(value)) return depth < deepest ? value.map((item) => cleaned(item, depth + 1)) : [];
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  const entries = depth < deepest ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.map(([key, field]) => [key, key === 'command' ? { name: field?.name } : cleaned(field, depth + 1)]),
  );
}

const serializeError = (error: unknown): unknown =>
  error instanceof Error ? cleaned(pino.stdSerializers.err(error)) : error;

/**
 * A logger of JSON lines.
 * @param fields are in every line; `process` names the service.
 * @param destination standard output where absent.
 */
export function createLogger(
  level: NonNullable<LoggerOptions['level']>,
  fields: { process: string } & Record<string, string | number>,
  destination: DestinationStream = new LogOutput(1),
): Logger {
  const options: LoggerOptions = {
    level,
    base: fields,
    redact: secrets,
    serializers: { err: serializeError },
    hooks: { streamWrite: maskSecrets },
  };
  return pino(options, destination);
}

/** Standard error, for services whose standard output carries something else. */
export const standardError = (): DestinationStream => new LogOutput(2);

/** A registry of its own with the metrics of the Node.js process. */
export function createRegistry(): Registry {
  const register = new Registry();
  // The library's default, every 10 ms, would wake this process a hundred times a second, beside trainings that use
  // every core.
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: 100 });
  return register;
}
