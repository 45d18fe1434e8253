import { checkStorable } from '../postgres/checkStorable.js';
import type { Postgres } from '../postgres/postgres.js';
import { experimentRowSchema, experimentsStatement, type MlflowExperiment, namedExperiments } from './experiments.js';
import { epochMetrics } from './fields.js';
import type { MlflowPage } from './order.js';
import {
  historyStatement,
  type MlflowPoint,
  type MlflowRun,
  pointRowSchema,
  runRowSchema,
  runStatement,
  searchStatement,
} from './runs.js';

/** The jobs of a project as MLflow's clients see them. */
export class Mlflow {
  constructor(
    private readonly postgres: Postgres,
    private readonly project: string,
  ) {}

  /** @throws FilterError */
  experiments(page: MlflowPage): Promise<MlflowExperiment[]> {
    return this.postgres.query(experimentRowSchema, experimentsStatement(this.project, page));
  }

  async experiment(which: { id: string } | { name: string }): Promise<MlflowExperiment | null> {
    checkStorable(which);
    const named = 'id' in which ? { ids: [which.id] } : which;
    const [found = null] = await this.postgres.query(experimentRowSchema, namedExperiments(this.project, named));
    return found;
  }

  /** The runs of these experiments; unknown ids have none. @throws FilterError */
  async runs(experimentIds: readonly string[], page: MlflowPage): Promise<MlflowRun[]> {
    checkStorable(experimentIds);
    const found = await this.postgres.query(
      experimentRowSchema,
      namedExperiments(this.project, { ids: experimentIds }),
    );
    const names = found.map(({ name }) => name);
    return this.postgres.query(runRowSchema, searchStatement(this.project, names, page));
  }

  async run(id: string): Promise<MlflowRun | null> {
    const [found = null] = await this.postgres.query(runRowSchema, runStatement(this.project, id));
    return found;
  }

  /** Of a metric that has a value an epoch; null for all others. */
  async history(id: string, metric: string): Promise<MlflowPoint[] | null> {
    const column = Object.hasOwn(epochMetrics, metric) ? epochMetrics[metric] : undefined;
    return column ? this.postgres.query(pointRowSchema, historyStatement(this.project, id, column)) : null;
  }
}
