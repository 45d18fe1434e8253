import type {
  CompareQuery,
  Comparison,
  CostsAnswer,
  CostsRequest,
  Curve,
  CurvesQuery,
  ExportFormat,
  Facets,
  FacetsQuery,
  Page,
  PredictionPage,
  PredictionsQuery,
  ResultsQuery,
} from '@trainyard/contracts';
import { BatchCalls } from './batches.js';
import { jobPath } from './jobPath.js';

export type HistoryQuery = Partial<Omit<ResultsQuery, 'format' | 'columns' | 'foreign'>>;
export type HistoryFileQuery = Partial<Omit<ResultsQuery, 'format'>>;
export type JobPredictionsQuery = Partial<Omit<PredictionsQuery, 'format'>>;

/** The calls that look into the tests of jobs. */
export class ResultCalls extends BatchCalls {
  /** What the tested network said of each test image: a page, the surest first; `missing` says why there are none. */
  predictions(id: string, query: JobPredictionsQuery = {}): Promise<PredictionPage> {
    return this.http.json(jobPath(id, 'predictions'), { query });
  }

  /** All predictions that match, as CSV with a line of headings. */
  async *predictionsCsv(id: string, query: JobPredictionsQuery = {}): AsyncGenerator<Uint8Array> {
    yield* this.http.bytes(jobPath(id, 'predictions'), { query: { ...query, format: 'csv' } });
  }

  /**
   * The whole history that matches as a file, with the measures of each class, or with the given `columns`; `limit` has
   * no effect.
   * @throws UnreachableError when the connection breaks: what came before is not the whole
   */
  historyFile(
    format: ExportFormat,
    query: HistoryFileQuery = {},
    { signal }: { signal?: AbortSignal } = {},
  ): AsyncGenerator<Uint8Array> {
    return this.http.bytes('v1/results', { query: { ...query, format }, signal });
  }

  /** `historyFile` as CSV with a line of headings. */
  historyCsv(query: HistoryFileQuery = {}): AsyncGenerator<Uint8Array> {
    return this.historyFile('csv', query);
  }

  /** The history counted by the values of a field of a filter, the most frequent first, e.g. `architecture`. */
  facets(field: string, query: Partial<Omit<FacetsQuery, 'field'>> = {}): Promise<Facets> {
    return this.http.json('v1/results/facets', { query: { ...query, field } });
  }

  /** Jobs side by side, 2 to 100: curves, accuracies with intervals, tests of each pair, a leaderboard with ties. */
  compare(jobs: readonly string[], query: Partial<Omit<CompareQuery, 'jobs'>> = {}): Promise<Comparison> {
    return this.http.json('v1/compare', { query: { ...query, jobs: jobs.join(',') } });
  }

  /** Losses and accuracies over the epochs of 1 to 100 jobs, in one request. */
  async curves(jobs: readonly string[], query: Partial<Omit<CurvesQuery, 'jobs'>> = {}): Promise<Curve[]> {
    return (await this.http.json<Page<Curve>>('v1/curves', { query: { ...query, jobs: jobs.join(',') } })).data;
  }

  /** Jobs by the mean cost of a test image. @throws ProblemError where the costs do not fit the classes */
  rankByCost(body: CostsRequest): Promise<CostsAnswer> {
    return this.http.json('v1/compare/costs', { method: 'POST', body });
  }
}
