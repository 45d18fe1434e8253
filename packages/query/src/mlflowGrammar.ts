export type MlflowKind = 'metric' | 'param' | 'tag' | 'attribute' | 'dataset';

/** What a filter and an order of one of MLflow's lists may name. */
export interface MlflowGrammar {
  /** The words before the first dot of a key. */
  kinds: Record<string, MlflowKind>;
  /** The plurals of these, for messages. */
  kindNames: string;
  aliases: Record<string, string>;
  /** Of the kinds whose keys are fixed. */
  keys: Partial<Record<MlflowKind, string[]>>;
  /** The attributes that are numbers, and those that can be compared with a list. */
  numbers: string[];
  lists: string[];
}

const runTimes = ['start_time', 'end_time'];

/** https://mlflow.org/docs/latest/ml/search/search-runs/ */
export const mlflowRuns: MlflowGrammar = {
  kinds: {
    metric: 'metric',
    metrics: 'metric',
    param: 'param',
    params: 'param',
    parameter: 'param',
    parameters: 'param',
    tag: 'tag',
    tags: 'tag',
    attribute: 'attribute',
    attributes: 'attribute',
    attr: 'attribute',
    run: 'attribute',
    dataset: 'dataset',
    datasets: 'dataset',
  },
  kindNames: 'metrics, params, tags, attributes or datasets',
  aliases: {
    created: 'start_time',
    Created: 'start_time',
    'run name': 'run_name',
    'Run name': 'run_name',
    'Run Name': 'run_name',
  },
  keys: {
    attribute: ['run_id', 'run_name', 'status', 'user_id', 'artifact_uri', ...runTimes],
    dataset: ['name', 'digest', 'context'],
  },
  numbers: runTimes,
  lists: ['run_id'],
};

const experimentTimes = ['creation_time', 'last_update_time'];

/** https://mlflow.org/docs/latest/ml/search/search-experiments/ */
export const mlflowExperiments: MlflowGrammar = {
  kinds: { attribute: 'attribute', tag: 'tag', tags: 'tag' },
  kindNames: 'attribute or tags',
  aliases: {},
  keys: { attribute: ['name', 'experiment_id', ...experimentTimes] },
  numbers: experimentTimes,
  lists: ['experiment_id'],
};
