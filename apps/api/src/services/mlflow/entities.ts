/** Experiments and runs in the shapes of MLflow's REST API; times are milliseconds since 1970. */
import {
  artifactRoot,
  type MlflowExperiment,
  type MlflowPoint,
  type MlflowRun,
  mlflowStatusOf,
  noParams,
} from '@trainyard/db';

const pairsOf = (record: Record<string, string>) => Object.entries(record).map(([key, value]) => ({ key, value }));

export const experimentOf = ({ id, name, createdAt, updatedAt }: MlflowExperiment) => ({
  experiment_id: id,
  name,
  artifact_location: artifactRoot,
  lifecycle_stage: 'active',
  creation_time: createdAt.getTime(),
  last_update_time: updatedAt.getTime(),
});

export const runOf = (run: MlflowRun) => ({
  info: {
    run_id: run.id,
    run_uuid: run.id,
    experiment_id: run.experimentId,
    run_name: run.name,
    user_id: '',
    status: mlflowStatusOf[run.state],
    start_time: run.startedAt.getTime(),
    ...(run.finishedAt && { end_time: run.finishedAt.getTime() }),
    artifact_uri: `${artifactRoot}${run.id}`,
    lifecycle_stage: 'active',
  },
  data: { metrics: metricsOf(run), params: pairsOf(paramsOf(run)), tags: pairsOf(tagsOf(run)) },
  inputs: { dataset_inputs: [datasetOf(run)] },
  outputs: {},
});

export type MlflowMetric = ReturnType<typeof metricsOf>[number];

/** The last value of each metric that the run has. */
export function metricsOf(run: MlflowRun) {
  const { lastEpoch, once, classes, startedAt } = run;
  const step = lastEpoch?.epoch ?? 0;
  const ofEpoch = Object.entries(lastEpoch?.values ?? {}).map(([key, value]) => ({ key, value }));
  const ofTest = Object.entries({ ...once, ...classes }).map(([key, value]) => ({ key, value }));
  const end = timestampOf(run, lastEpoch?.seconds ?? 0);
  return [
    ...ofEpoch.map((metric) => ({ ...metric, step, timestamp: end })),
    ...ofTest.map((metric) => ({ ...metric, step, timestamp: (run.finishedAt ?? startedAt).getTime() })),
  ].flatMap(({ value, ...metric }) => (value === null ? [] : [{ ...metric, value }]));
}

export const pointOf = (key: string, run: MlflowRun, { value, step, seconds }: MlflowPoint): MlflowMetric => ({
  key,
  value,
  step,
  timestamp: timestampOf(run, seconds),
});

/** The epochs of a run have no times of their own: as if it had trained without a pause. */
const timestampOf = ({ startedAt }: MlflowRun, seconds: number): number =>
  startedAt.getTime() + Math.round(1000 * seconds);

/** The leaves of the spec by their dotted paths, as the filter compares them. */
function paramsOf({ spec, architecture, parameters }: MlflowRun): Record<string, string> {
  const { architecture: _, ...rest } = spec;
  const training = Object.fromEntries(Object.entries(rest).filter(([key]) => !noParams.includes(key)));
  return { architecture, parameters: String(parameters), ...leavesOf(training) };
}

function leavesOf(values: object, prefix = ''): Record<string, string> {
  const leaves = Object.entries(values).map(([key, value]): Record<string, string> => {
    if (value === null) return {};
    if (typeof value === 'object' && !Array.isArray(value)) return leavesOf(value, `${prefix}${key}.`);
    return { [`${prefix}${key}`]: textOf(value) };
  });
  return Object.assign({}, ...leaves);
}

/** As Postgres writes a value of JSON, so that a filter finds what is shown. */
function textOf(value: unknown): string {
  if (typeof value === 'number') return decimal(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Without an exponent: 1e-7 is 0.0000001. */
function decimal(number: number): string {
  const [, sign = '', whole = '', fraction = '', exponent = ''] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(String(number)) ?? [];
  if (exponent === '') return String(number);
  const [digits, point] = [whole + fraction, whole.length + Number(exponent)];
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}

const tagsOf = ({ name, notes, state, failure, tags }: MlflowRun): Record<string, string> => ({
  ...Object.fromEntries(tags.map((tag) => [tag, 'true'])),
  'mlflow.runName': name,
  ...(notes && { 'mlflow.note.content': notes }),
  'trainyard.state': state,
  ...(failure && { 'trainyard.failure': failure }),
});

function datasetOf({ dataset: { name, version, digest } }: MlflowRun) {
  const source = JSON.stringify({ name, version });
  return {
    tags: [{ key: 'mlflow.data.context', value: 'training' }],
    dataset: { name, digest: digest ?? '', source_type: 'trainyard', source },
  };
}
