/** The questions that both services are asked, and what their answers must have in common. */
import { isDeepStrictEqual } from 'node:util';
import { fetchFrom, type Service } from '../shared/service.js';
import { call } from './log.js';
import { metricNames } from './runs.js';
import type { MlflowServer } from './server.js';

export const pageSize = 100;

/** What a side answers with: ids of our jobs, or curves by the id and the metric. */
type Answer = string[] | Record<string, number[]>;

export interface Question {
  name: string;
  /** One value an answer: so no answer is that of the round before. */
  ask: Record<'ours' | 'mlflow', (round: Round) => Promise<unknown>>;
  /** Makes what the side sent comparable. */
  read: Record<'ours' | 'mlflow', (sent: never) => Answer>;
}

export interface Round {
  threshold: number;
  /** Of the same 100 runs. */
  ours: string[];
  mlflow: string[];
}

interface OurPage {
  data: { jobId: string }[];
}
interface TheirPage {
  runs: { info: { run_id: string; run_name: string } }[];
}
type OurCurves = { data: { jobId: string; points: Record<string, number>[] }[] };
type TheirCurves = { metrics: { run_id: string; key: string; value: number; step: number }[] }[];

export interface Sides {
  service: Service;
  server: MlflowServer;
  /** Of MLflow, all. */
  experimentIds: string[];
}

/** Names of our fields, in the order of `metricNames`. */
const fields = ['trainLoss', 'trainAccuracy', 'validationLoss', 'validationAccuracy'];

export function questionsOf({ service, server, experimentIds }: Sides): Question[] {
  const ours = async (path: string): Promise<unknown> => {
    const answer = await fetchFrom(service, path);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const search = (name: string, ourSort: string, theirOrder: string): Question => ({
    name,
    ask: {
      ours: ({ threshold }) => {
        const query = new URLSearchParams({ filter: `test.accuracy >= ${threshold}`, sort: ourSort });
        return ours(`/v1/results?${query}&limit=${pageSize}`);
      },
      mlflow: ({ threshold }) =>
        call(`${server.url}/api/2.0/mlflow/runs/search`, {
          experiment_ids: experimentIds,
          filter: `metrics.test_accuracy >= ${threshold}`,
          order_by: [theirOrder],
          max_results: pageSize,
        }),
    },
    read: {
      ours: ({ data }: OurPage) => data.map(({ jobId }) => jobId),
      mlflow: ({ runs }: TheirPage) => runs.map(({ info }) => info.run_name),
    },
  });
  const curves: Question = {
    name: `the curves of ${pageSize} runs (4 metrics)`,
    ask: {
      ours: (round) => ours(`/v1/curves?jobs=${round.ours.join(',')}`),
      mlflow: (round) =>
        Promise.all(
          metricNames.map((name) => {
            const query = new URLSearchParams({ metric_key: name });
            for (const id of round.mlflow) query.append('run_ids', id);
            return call(`${server.url}/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?${query}`);
          }),
        ),
    },
    read: { ours: ourCurves, mlflow: theirCurves },
  };
  return [
    search('filter on the test accuracy, highest first', '-test.accuracy', 'metrics.test_accuracy DESC'),
    search('the same filter, lowest test loss first', 'test.loss', 'metrics.test_loss ASC'),
    curves,
  ];
}

function ourCurves({ data }: OurCurves): Record<string, number[]> {
  const all = data.flatMap(({ jobId, points }) =>
    metricNames.map((metric, i): [string, number[]] => [
      `${jobId} ${metric}`,
      points.map((point) => point[fields[i] ?? ''] ?? Number.NaN),
    ]),
  );
  return Object.fromEntries(all);
}

function theirCurves(answers: TheirCurves): Record<string, number[]> {
  const all: Record<string, number[]> = {};
  for (const { run_id, key, value, step } of answers.flatMap(({ metrics }) => metrics)) {
    const curve = all[`${run_id} ${key}`] ?? [];
    all[`${run_id} ${key}`] = curve;
    curve[step - 1] = value;
  }
  return all;
}

/** @throws where the two sides answer differently */
export function checkEqual(question: string, ours: Answer, mlflow: Answer): void {
  if (isDeepStrictEqual(ours, mlflow)) return;
  const start = (answer: Answer) => JSON.stringify(answer).slice(0, 300);
  throw new Error(`${question}: the answers differ:\n${start(ours)}\n${start(mlflow)}`);
}
