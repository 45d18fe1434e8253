import {
  type ForeignMetric,
  type ForeignRun,
  type ForeignRunDetail,
  type ForeignRunsQuery,
  foreignFiguresSchema,
  foreignSourceSchema,
  foreignStateSchema,
  type NewForeignRun,
  NotFoundError,
  type Page,
} from '@trainyard/contracts';
import { z } from 'zod';
import { checkStorable } from '../postgres/checkStorable.js';
import { newId } from '../postgres/newId.js';
import { decodeCursor, toPage } from '../postgres/page.js';
import type { Connection, Postgres } from '../postgres/postgres.js';
import { empty, json, sql } from '../postgres/sql.js';
import { figuresOf } from './figures.js';

const rowSchema = z.object({
  id: z.string(),
  source: foreignSourceSchema,
  server: z.string(),
  experiment: z.string(),
  runId: z.string(),
  name: z.string().nullable(),
  state: foreignStateSchema,
  startedAt: z.date(),
  finishedAt: z.date(),
  importedAt: z.date(),
  figures: foreignFiguresSchema,
});

const columns = sql`id, source, server, experiment, run_id AS "runId", name, state, started_at AS "startedAt",
  finished_at AS "finishedAt", imported_at AS "importedAt", figures`;

const toRun = ({ startedAt, finishedAt, importedAt, ...row }: z.output<typeof rowSchema>): ForeignRun => ({
  ...row,
  startedAt: startedAt.toISOString(),
  finishedAt: finishedAt.toISOString(),
  importedAt: importedAt.toISOString(),
});

const textsSchema = z.record(z.string(), z.string());
const detailSchema = rowSchema.extend({ params: textsSchema, tags: textsSchema });
const summarySchema = z.object({
  key: z.string(),
  count: z.int(),
  lastStep: z.coerce.number(),
  lastValue: z.number().nullable(),
});
const metricSchema = z.object({
  key: z.string(),
  steps: z.array(z.coerce.number()),
  times: z.array(z.coerce.number()),
  values: z.array(z.number().nullable()),
});

/** The runs of a project that other programs trained. */
export class ForeignRuns {
  constructor(
    private readonly postgres: Postgres,
    private readonly project: string,
  ) {}

  /**
   * Stores a run, in place of what was stored of it before. @returns it, and whether it is new
   * @throws InvalidInputError
   */
  store(run: NewForeignRun): Promise<{ run: ForeignRun; isNew: boolean }> {
    checkStorable(run);
    for (const field of ['params', 'tags'] as const) checkStorable(Object.keys(run[field]), `/${field}`);
    return this.postgres.transaction(async (tx) => {
      const [row] = await tx.query(
        rowSchema.extend({ isNew: z.boolean() }),
        sql`
        INSERT INTO foreign_runs AS runs (id, project, source, server, experiment, run_id, name, state, started_at,
          finished_at, imported_at, params, tags, figures)
        VALUES (${newId('run')}, ${this.project}, ${run.source}, ${run.server}, ${run.experiment}, ${run.runId},
          ${run.name}, ${run.state}, ${new Date(run.startedAt)}, ${new Date(run.finishedAt)}, now(),
          ${json(run.params)}, ${json(run.tags)}, ${json(figuresOf(run))})
        ON CONFLICT (project, source, server, run_id) DO UPDATE SET experiment = EXCLUDED.experiment,
          name = EXCLUDED.name, state = EXCLUDED.state, started_at = EXCLUDED.started_at,
          finished_at = EXCLUDED.finished_at, imported_at = EXCLUDED.imported_at, params = EXCLUDED.params,
          tags = EXCLUDED.tags, figures = EXCLUDED.figures
        RETURNING ${columns}, runs.xmax = 0 AS "isNew"`,
      );
      if (!row) throw new Error('an insertion without a row');
      const { isNew, ...stored } = row;
      if (!isNew) await tx.execute(sql`DELETE FROM foreign_metrics WHERE run_id = ${stored.id}`);
      await storeMetrics(tx, stored.id, run.metrics);
      return { run: toRun(stored), isNew };
    });
  }

  /** In the order in which they were imported first. */
  async list({ server, experiment, cursor, limit }: ForeignRunsQuery): Promise<Page<ForeignRun>> {
    checkStorable({ server, experiment });
    const after = cursor === undefined ? null : decodeCursor('foreignRuns', cursor, z.null());
    const rows = await this.postgres.query(
      rowSchema,
      sql`SELECT ${columns} FROM foreign_runs WHERE project = ${this.project}
      ${server === undefined ? empty : sql`AND server = ${server}`}
      ${experiment === undefined ? empty : sql`AND experiment = ${experiment}`}
      ${after === null ? empty : sql`AND id > ${after.id}`}
      ORDER BY id LIMIT ${limit + 1}::int`,
    );
    const page = toPage(rows, limit, 'foreignRuns', ({ id }) => ({ value: null, id }));
    return { data: page.data.map(toRun), nextCursor: page.nextCursor };
  }

  /** @throws NotFoundError */
  async get(id: string): Promise<ForeignRunDetail> {
    const [row] = await this.postgres.query(
      detailSchema,
      sql`SELECT ${columns}, params, tags FROM foreign_runs WHERE id = ${id} AND project = ${this.project}`,
    );
    if (!row) throw new NotFoundError(`foreign run ${id}`);
    const metrics = await this.postgres.query(
      summarySchema,
      sql`SELECT key, cardinality(values) AS count, steps[cardinality(steps)] AS "lastStep",
        values[cardinality(values)] AS "lastValue"
      FROM foreign_metrics WHERE run_id = ${id} ORDER BY key COLLATE "C"`,
    );
    const { params, tags, ...run } = row;
    return { ...toRun(run), params, tags, metrics };
  }

  /** The whole history of one metric. @throws NotFoundError */
  async metric(id: string, key: string): Promise<ForeignMetric> {
    checkStorable({ key });
    const [row] = await this.postgres.query(
      metricSchema,
      sql`SELECT key, steps, times, values
      FROM foreign_metrics JOIN foreign_runs ON foreign_runs.id = foreign_metrics.run_id
      WHERE foreign_runs.id = ${id} AND key = ${key} AND project = ${this.project}`,
    );
    if (!row) throw new NotFoundError(`metric ${key} of the foreign run ${id}`);
    return row;
  }

  /** With its metrics. @throws NotFoundError */
  async delete(id: string): Promise<void> {
    const count = await this.postgres.execute(
      sql`DELETE FROM foreign_runs WHERE id = ${id} AND project = ${this.project}`,
    );
    if (count === 0) throw new NotFoundError(`foreign run ${id}`);
  }
}

/** One statement for all: a run may have thousands. */
async function storeMetrics(tx: Connection, runId: string, metrics: readonly ForeignMetric[]): Promise<void> {
  await tx.execute(sql`
    INSERT INTO foreign_metrics (run_id, key, steps, times, values)
    SELECT ${runId}, metric ->> 'key',
      ${arrayOf('steps')}::bigint[], ${arrayOf('times')}::bigint[], ${arrayOf('values')}::float8[]
    FROM jsonb_array_elements(${json(metrics)}) AS metric`);
}

/** Of a metric as JSON, as an array of texts in its order. */
const arrayOf = (field: string) =>
  sql`ARRAY(SELECT item
    FROM jsonb_array_elements_text(metric -> ${field}::text) WITH ORDINALITY AS of (item, i) ORDER BY i)`;
