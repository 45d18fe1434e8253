import {
  type EpochMetrics,
  epochMetricsSchema,
  type JobEvent,
  type JobEventType,
  type LogLine,
  trainingPositionSchema,
} from '@trainyard/contracts';

/** An event as a line of the job's log. */
export function logLineOf({ data, ...event }: JobEvent): LogLine {
  return { ...event, level: levels[event.type] ?? 'info', message: texts[event.type](data, event.attempt) };
}

const levels: Partial<Record<JobEventType, LogLine['level']>> = {
  warning: 'warning',
  overfitting: 'warning',
  output: 'warning',
  attemptFailed: 'error',
  failed: 'error',
};

type Data = JobEvent['data'];

/** Data is read with care: an older version may have written it. */
const texts: Record<JobEventType, (data: Data, attempt: number) => string> = {
  submitted: () => 'submitted',
  queued: () => 'queued',
  started: ({ workerId, resumedFromEpoch, resumedFromStep }, attempt) =>
    `attempt ${attempt} started by ${workerId}${from({ epoch: resumedFromEpoch, step: resumedFromStep })}`,
  epoch: epochText,
  checkpoint: ({ epoch, step, best }) => `checkpoint stored: ${position({ epoch, step })}${best ? ', the best' : ''}`,
  tested: ({ accuracy, loss }) => `tested: accuracy ${percent(accuracy)}, loss ${four(loss)}`,
  warning: messageOf,
  overfitting: ({ epochs, validationLoss }) =>
    `overfitting: for ${epochs} epochs the validation loss has risen, to ${four(validationLoss)}, while the training ` +
    'loss has fallen',
  output: ({ message }) => `trainer: ${message}`,
  handedBack: ({ cursor }) => `handed back by the worker, waits for another${from(cursor)}`,
  attemptFailed: (data, attempt) => `attempt ${attempt} failed: ${failureText(data)}; ${attemptsText(data)}`,
  pausing: () => 'pause requested',
  paused: ({ cursor }) => `paused${from(cursor)}`,
  resumed: () => 'resumed',
  cancelling: () => 'cancel requested',
  cancelled: () => 'cancelled',
  retried: () => 'submitted again',
  changed: ({ to }) => `changed: ${changeText(to)}`,
  succeeded: ({ stopped }) => `succeeded${stopped ? `; ${stopText(stopped)}` : ''}`,
  failed: (data) => `failed: ${failureText(data)}`,
};

const stopText = (reason: unknown): string =>
  reason === 'earlyStopping' ? 'training stopped early' : `training stopped at the limit of ${reason}`;

/** Notes can have thousands of characters, and lines of their own. */
function changeText(to: unknown): string {
  const parts = Object.entries(typeof to === 'object' && to !== null ? to : {}).map(([key, value]) =>
    key === 'notes' ? key : `${key} ${JSON.stringify(value)}`,
  );
  return parts.join(', ');
}

function messageOf({ message, code }: Data): string {
  return typeof message === 'string' ? message : String(code ?? '');
}

const failureText = (data: Data): string => `${messageOf(data)} (${data.code})`;

function attemptsText({ attemptsLeft }: Data): string {
  return attemptsLeft === 1 ? 'one attempt is left' : `${attemptsLeft} attempts are left`;
}

function position(value: unknown): string {
  const { epoch = 0, step = 0 } = trainingPositionSchema.partial().safeParse(value).data ?? {};
  return `epoch ${epoch}${step > 0 ? `, step ${step} of the next` : ''}`;
}

/** Where the next step of training goes on; nothing at the beginning. */
function from(value: unknown): string {
  const where = position(value);
  return where === 'epoch 0' ? '' : `, to go on from the checkpoint after ${where}`;
}

function epochText(data: Data): string {
  const metrics = epochMetricsSchema.partial().safeParse(data).data ?? {};
  const { epoch, trainLoss, validationLoss, validationAccuracy, learningRate, imagesPerSecond }: Partial<EpochMetrics> =
    metrics;
  const parts = [
    `epoch ${epoch}: training loss ${four(trainLoss)}`,
    `validation loss ${four(validationLoss)}`,
    `accuracy ${percent(validationAccuracy)}`,
    `learning rate ${learningRate?.toPrecision(3)}`,
    `${imagesPerSecond?.toFixed(0)} images/s`,
    ...(metrics.executor ? [`${metrics.executor} on ${metrics.device}`] : []),
  ];
  return parts.join(', ');
}

const four = (value: unknown): string => (typeof value === 'number' ? value.toFixed(4) : 'unknown');
const percent = (value: unknown): string => (typeof value === 'number' ? `${(100 * value).toFixed(2)} %` : 'unknown');
