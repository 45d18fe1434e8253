import { randomUUID } from 'node:crypto';
import type { SubmitOptions, TrainyardClient } from '@trainyard/client';
import type { SubmittedJob } from '@trainyard/contracts';
import type { Context } from './context.js';
import { formatForecast, formatSubject, formatSummary } from './format/jobs.js';
import { printable } from './terminal.js';
import { watchJob } from './watch/watchJob.js';

export interface SendOptions {
  watch?: boolean;
  idempotencyKey?: string;
}

/** Submits a job, and shows it or follows it to its end. */
export async function sendJob(
  context: Context,
  client: TrainyardClient,
  { watch, idempotencyKey = randomUUID() }: SendOptions,
  submit: (options: SubmitOptions) => Promise<SubmittedJob>,
): Promise<void> {
  const job = await send(context, submit, idempotencyKey);
  if (watch) {
    if (!context.json) for (const line of remarks(job)) context.terminal.print(line);
    return watchJob(context, client, job.id);
  }
  context.show(job, () => [
    job.id,
    ...[formatSubject(job), formatSummary(job), ...remarks(job)].map((line) => `  ${line}`),
  ]);
}

/** An older service answers without warnings and without a forecast. */
const remarks = ({ chosen, warnings = [], forecast }: SubmittedJob): string[] => [
  ...chosen,
  ...(forecast ? [formatForecast(forecast)] : []),
  ...warnings.map((warning) => `warning: ${warning}`),
];

/** A lost connection and a service that is away are waited out, with a line for each wait. */
async function send(
  { terminal, json }: Context,
  submit: (options: SubmitOptions) => Promise<SubmittedJob>,
  idempotencyKey: string,
): Promise<SubmittedJob> {
  let mayExist = false;
  try {
    return await submit({
      idempotencyKey,
      onRetry({ code, message }, seconds) {
        // A refused connection has brought nothing to the service.
        mayExist ||= code === 'unavailable' && !message.includes('ECONNREFUSED');
        if (json) terminal.warn(JSON.stringify({ code, detail: message, retryAfterSeconds: seconds }));
        else terminal.warn(`${printable(message)}; trying again in ${Math.ceil(seconds)} s`);
      },
    });
  } catch (error) {
    if (mayExist && !json)
      terminal.warn(
        `it is not known whether the job exists; --idempotency-key ${idempotencyKey} prevents a second one`,
      );
    throw error;
  }
}
