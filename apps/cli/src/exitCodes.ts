import { ConfigError } from '@trainyard/config';
import { type JobState, type ProblemCode, SettingError, TrainyardError } from '@trainyard/contracts';
import { CommanderError } from 'commander';

/** Exit codes of the process; scripts may rely on them. */
export const exitCodes = {
  succeeded: 0,
  failed: 1,
  badInput: 2,
  cancelled: 3,
  unreachable: 4,
  unauthorized: 5,
  timedOut: 6,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

export const exitCodesHelp = `Exit codes:
  0 succeeded          1 the job, or something unexpected, failed
  2 bad input          3 the job was cancelled
  4 cannot reach the service
  5 the key is missing, wrong, or may not do this
  6 a job has not ended in the time of wait --timeout`;

/** The exit code that mirrors a job at its end. */
export function exitCodeOfJob(state: JobState): number {
  if (state === 'succeeded') return exitCodes.succeeded;
  return state === 'cancelled' ? exitCodes.cancelled : exitCodes.failed;
}

/** Of several jobs: 1 where one failed, else 3 where one was cancelled. */
export function exitCodeOfJobs(states: readonly JobState[]): number {
  const ends = states.map(exitCodeOfJob).filter((code) => code !== exitCodes.succeeded);
  return ends.includes(exitCodes.failed) ? exitCodes.failed : (ends[0] ?? exitCodes.succeeded);
}

const codes: Partial<Record<ProblemCode, number>> = {
  unauthorized: exitCodes.unauthorized,
  forbidden: exitCodes.unauthorized,
  unavailable: exitCodes.unreachable,
  rate_limited: exitCodes.unreachable,
  internal: exitCodes.failed,
};

/** The exit code of an error. Any problem code that is not in the table above means a bad request. */
export function exitCodeOfError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.succeeded : exitCodes.badInput;
  if (error instanceof ConfigError || error instanceof SettingError) return exitCodes.badInput;
  if (error instanceof TrainyardError) return codes[error.code] ?? exitCodes.badInput;
  return exitCodes.failed;
}
