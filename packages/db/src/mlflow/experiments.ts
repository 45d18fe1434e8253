import { type MlflowPaths, mlflowExperiments, parseMlflowFilter } from '@trainyard/query';
import { z } from 'zod';
import { type Columns, filterToSql } from '../filter/filterToSql.js';
import { type Sql, sql } from '../postgres/sql.js';
import { experimentId, milliseconds } from './fields.js';
import { type MlflowPage, orderOf } from './order.js';

export const experimentRowSchema = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.date(),
  /** When its last job was submitted. */
  updatedAt: z.date(),
});
export type MlflowExperiment = z.output<typeof experimentRowSchema>;

const columns: Record<string, ReturnType<Columns>> = {
  name: { type: 'text', sql: sql`name` },
  experiment_id: { type: 'text', sql: sql`id` },
  creation_time: { type: 'number', sql: milliseconds(sql`"createdAt"`) },
  last_update_time: { type: 'number', sql: milliseconds(sql`"updatedAt"`) },
};
const columnOf: Columns = ([kind, key = '']) => (kind === 'attribute' ? (columns[key] ?? null) : null);
const pathOf: MlflowPaths = (kind, key) => (columnOf([kind, key]) ? [kind, key] : null);

/** Each experiment of a project is found by one step in the index, however many jobs it has. */
const experiments = (project: string): Sql => sql`
  WITH RECURSIVE names(name) AS (
    (SELECT experiment FROM jobs WHERE project = ${project} ORDER BY experiment LIMIT 1)
    UNION ALL
    SELECT (SELECT experiment FROM jobs WHERE project = ${project} AND experiment > names.name
      ORDER BY experiment LIMIT 1)
    FROM names WHERE names.name IS NOT NULL
  ), experiments AS (
    SELECT ${experimentId(sql`name`)} AS id, name,
      (SELECT min(created_at) FROM jobs WHERE project = ${project} AND experiment = names.name) AS "createdAt",
      (SELECT max(created_at) FROM jobs WHERE project = ${project} AND experiment = names.name) AS "updatedAt"
    FROM names WHERE name IS NOT NULL
  )`;

/** By default the one whose first job is the newest comes first. */
export function experimentsStatement(project: string, { filter, orderBy, offset, limit }: MlflowPage): Sql {
  const condition = parseMlflowFilter(filter, pathOf, mlflowExperiments);
  const order = orderOf(orderBy, { pathOf, columnOf, grammar: mlflowExperiments });
  return sql`${experiments(project)}
    SELECT id, name, "createdAt", "updatedAt" FROM experiments
    WHERE ${condition ? filterToSql(condition, columnOf) : sql`TRUE`}
    ORDER BY ${order} "createdAt" DESC, id LIMIT ${limit}::int OFFSET ${offset}::int`;
}

/** Those of these ids, or of one name. */
export const namedExperiments = (project: string, which: { ids: readonly string[] } | { name: string }): Sql => sql`
  ${experiments(project)} SELECT id, name, "createdAt", "updatedAt" FROM experiments
  WHERE ${'ids' in which ? sql`id = ANY(${[...which.ids]}::text[])` : sql`name = ${which.name}`}`;
