import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { LogOutput } from './logOutput.js';

/*
 * Defaults of logs and metrics that all services share. Apart from the package's other exports: the command line uses
 * those, and should not load pino and prom-client at every call.
 */

/** Where a request's API key may appear in a log line. */
const secrets = ['req.headers.authorization', 'headers.authorization'];

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
  return pino({ level, base: fields, redact: secrets }, destination);
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
