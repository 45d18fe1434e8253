import type {
  AnyResultRow,
  ForeignMetric,
  ForeignRun,
  ForeignRunDetail,
  ForeignRunRequest,
  ForeignRunsQuery,
  Page,
} from '@trainyard/contracts';
import { allPages } from './pages.js';
import { type HistoryQuery, ResultCalls } from './results.js';

const runPath = (id: string, ...rest: string[]): string =>
  ['v1/foreign-runs', ...[id, ...rest].map(encodeURIComponent)].join('/');

/** The calls of foreign runs: what other programs trained, as it was imported. */
export class ForeignRunCalls extends ResultCalls {
  /** Stores a run; sent again, it replaces what was stored of it. */
  storeForeignRun(run: ForeignRunRequest): Promise<ForeignRun> {
    return this.http.json('v1/foreign-runs', { method: 'PUT', body: run });
  }

  /** A page of them, in the order in which they came. */
  foreignRuns(query: Partial<ForeignRunsQuery> = {}): Promise<Page<ForeignRun>> {
    return this.http.json('v1/foreign-runs', { query });
  }

  /** All of them, page after page. */
  allForeignRuns(query: Partial<ForeignRunsQuery> = {}): AsyncGenerator<ForeignRun> {
    return allPages(query, (page) => this.foreignRuns(page));
  }

  foreignRun(id: string): Promise<ForeignRunDetail> {
    return this.http.json(runPath(id));
  }

  /** The whole history of one metric. @throws ProblemError `not_found` where the run has none of this key */
  foreignMetric(id: string, key: string): Promise<ForeignMetric> {
    return this.http.json(runPath(id, 'metrics'), { query: { key } });
  }

  async deleteForeignRun(id: string): Promise<void> {
    await this.http.send(runPath(id), { method: 'DELETE' });
  }

  /** A page of the history with foreign runs among the tested jobs; what they lack is null in their rows. */
  historyWithForeign(query: HistoryQuery = {}): Promise<Page<AnyResultRow>> {
    return this.http.json('v1/results', { query: { ...query, foreign: true } });
  }
}
