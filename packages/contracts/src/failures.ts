import { z } from 'zod';

/**
 * Every reason why an attempt can end without finishing its job. `code` is stable: clients, alerts and stored rows use
 * it. `retryable` says whether another attempt may succeed; otherwise it would only fail in the same way, and the job
 * fails at once. `text` explains the code to a user; the message of a failure describes the single case.
 */
export const failures = [
  {
    code: 'diverged',
    retryable: false,
    text: 'A loss or a weight became infinite or NaN. Use a lower learning rate, or a schedule with a warm-up.',
  },
  {
    code: 'out_of_memory',
    retryable: false,
    text: 'The trainer needs more memory than the machine has. Use a smaller batch or a smaller network.',
  },
  {
    code: 'dataset_missing',
    retryable: false,
    text: 'The worker has no usable copy of the dataset. Import it again.',
  },
  {
    code: 'dataset_changed',
    retryable: false,
    text: 'The dataset on the worker is not the one that the job was submitted for.',
  },
  {
    code: 'device_unavailable',
    retryable: false,
    text: 'The worker does not have the requested device. Use "device": "auto", or start a worker that has it.',
  },
  {
    code: 'executor_unavailable',
    retryable: false,
    text: 'The worker is configured for an executor that does not run on its machine.',
  },
  {
    code: 'invalid_spec',
    retryable: false,
    text: 'The spec does not fit the dataset.',
  },
  {
    code: 'checkpoint_corrupt',
    retryable: true,
    text: 'The checkpoint to resume from is damaged. The next attempt resumes from the one before it.',
  },
  {
    code: 'checkpoint_missing',
    retryable: false,
    text: 'The checkpoint to test was deleted, or its files are missing or damaged. Test another one.',
  },
  {
    code: 'initial_weights_unusable',
    retryable: false,
    text: 'The weights to start from are missing or damaged. Submit the job again, from a checkpoint that is intact.',
  },
  {
    code: 'checkpoint_unwritten',
    retryable: true,
    text: 'The checkpoint that the job needs to finish could not be written, for example to a full disk.',
  },
  {
    code: 'trainer_crashed',
    retryable: true,
    text: 'The trainer process ended before its job did.',
  },
  {
    code: 'trainer_hung',
    retryable: true,
    text: 'The trainer process made no progress for too long, and the worker ended it.',
  },
  {
    code: 'trainer_error',
    retryable: true,
    text: 'An unexpected error in the trainer.',
  },
  {
    code: 'worker_error',
    retryable: true,
    text: 'The worker could not run the trainer, for example because its disk is full.',
  },
  {
    code: 'worker_lost',
    retryable: true,
    text: 'The worker sent no heartbeat for too long: it crashed, or its network failed.',
  },
] as const satisfies readonly { code: string; retryable: boolean; text: string }[];

export const failureCodeSchema = z
  .enum(failures.map(({ code }) => code))
  .describe(failures.map(({ code, text }) => `\`${code}\`: ${text}`).join('\n'));
export type FailureCode = z.infer<typeof failureCodeSchema>;

/** For rows in the database: a code that only another version knows must not make a job unreadable. */
export const storedFailureCodeSchema = failureCodeSchema.catch('trainer_error');

/** Why an attempt ended without finishing its job. */
export const failureSchema = z.object({
  code: failureCodeSchema,
  /** What happened, and what the user can change. */
  message: z.string(),
});
export type Failure = z.infer<typeof failureSchema>;

const retryableCodes: ReadonlySet<FailureCode> = new Set(
  failures.filter(({ retryable }) => retryable).map(({ code }) => code),
);

/** Whether another attempt may succeed after a failure with this code. */
export const isRetryable = (code: FailureCode): boolean => retryableCodes.has(code);

/** Ends the attempt with a code and a message that its user can act on. */
export class TrainingFailure extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}
