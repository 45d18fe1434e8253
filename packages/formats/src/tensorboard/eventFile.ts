import type { EpochMetrics, Job, TestResults } from '@trainyard/contracts';
import { type Field, fileOf } from '../protobuf.js';
import { image, type Setting, scalar, sessionEnd, sessionStart, summaryEvent, versionEvent } from './messages.js';
import { encodeRecord } from './records.js';

export interface TensorBoardRun {
  job: Pick<Job, 'id' | 'name' | 'state' | 'spec' | 'createdAt' | 'startedAt' | 'finishedAt'>;
  epochs: readonly EpochMetrics[];
  /** Null: the job has no test result yet. */
  results: TestResults | null;
  /** The confusion matrix as a PNG file with its size in pixels; null: none. */
  confusion: { png: Uint8Array; width: number; height: number } | null;
}

/**
 * An event file of TensorBoard: the metrics of each epoch and the test as scalars, the confusion matrix as an image,
 * the spec as hyper-parameters. The step of an event is its epoch. Its time is that of the job's start and the seconds
 * of training and validation since, so that pauses do not show on the axis of time.
 */
export function encodeTensorBoard({ job, epochs, results, confusion }: TensorBoardRun): Buffer {
  const start = Date.parse(job.startedAt ?? job.createdAt) / 1000;
  const settings = { ...(job.name !== null && { name: job.name }), ...settingsOf(job.spec) };
  let now = start;
  const metrics = epochs.map((epoch) => {
    now += epoch.trainSeconds + epoch.validationSeconds;
    return summaryEvent(now, epoch.epoch, epochScalars(epoch));
  });
  const tested = results ? [summaryEvent(now, results.epoch, testValues(results, confusion))] : [];
  const end = job.finishedAt ? [sessionEnd(endOf(job.state), Date.parse(job.finishedAt) / 1000)] : [];
  const events = [
    versionEvent(start),
    summaryEvent(start, 0, [sessionStart(job.id, settings, start)]),
    ...metrics,
    ...tested,
    ...end.map((value) => summaryEvent(now, 0, [value])),
  ];
  return Buffer.concat(events.map((event) => encodeRecord(Buffer.concat(fileOf(event)))));
}

/** Names with a slash are grouped by what is before it. */
const epochScalars = (epoch: EpochMetrics): Field[][] => [
  scalar('loss/train', epoch.trainLoss),
  scalar('loss/validation', epoch.validationLoss),
  scalar('accuracy/train', epoch.trainAccuracy),
  scalar('accuracy/validation', epoch.validationAccuracy),
  scalar('training/learningRate', epoch.learningRate),
  scalar('training/imagesPerSecond', epoch.imagesPerSecond),
];

function testValues(results: TestResults, confusion: TensorBoardRun['confusion']): Field[][] {
  const { loss, accuracy, accuracyAugmented, top5Accuracy, macroF1, classes } = results;
  const summary = { loss, accuracy, accuracyAugmented, top5Accuracy, macroF1 };
  const recalls = classes.map(({ class: name, recall }) => [`recall/${name}`, recall] as const);
  const scalars = [...Object.entries(summary).map(([name, value]) => [`test/${name}`, value] as const), ...recalls];
  return [
    ...scalars.flatMap(([tag, value]) => (value === null ? [] : [scalar(tag, value)])),
    ...(confusion ? [image('test/confusion', confusion.png, confusion)] : []),
  ];
}

function endOf(state: Job['state']) {
  if (state === 'succeeded') return 'success';
  return state === 'failed' ? 'failure' : 'unknown';
}

/**
 * Fields of the spec by dotted path, e.g. `optimizer.type`. Null fields are left out; lists and layers of an
 * architecture are JSON text.
 */
function settingsOf(spec: object, prefix = ''): Record<string, Setting> {
  const entries = Object.entries(spec).map(([name, value]): Record<string, Setting> => {
    const path = `${prefix}${name}`;
    if (value === null || value === undefined) return {};
    if (Array.isArray(value)) return { [path]: JSON.stringify(value) };
    return typeof value === 'object' ? settingsOf(value, `${path}.`) : { [path]: value };
  });
  return Object.assign({}, ...entries);
}
