import type { ProjectShare } from '@trainyard/contracts';
import { z } from 'zod';
import type { Postgres } from '../postgres/postgres.js';
import { type Sql, sql } from '../postgres/sql.js';

const shareSchema = z.object({ name: z.string(), weight: z.number(), queued: z.int(), running: z.int() });

/** Projects that have a key or a weight. */
const shares = (which: Sql): Sql => sql`
  SELECT names.name::text, coalesce(weight, 1)::float8 AS weight,
    (SELECT count(*)::int FROM jobs WHERE jobs.project = names.name AND state = 'queued') AS queued,
    (SELECT count(*)::int FROM jobs WHERE jobs.project = names.name AND token IS NOT NULL) AS running
  FROM (SELECT project AS name FROM api_keys UNION SELECT name FROM projects) AS names
    LEFT JOIN projects ON projects.name = names.name
  WHERE ${which} ORDER BY names.name`;

/** The weights by which projects share the workers; see jobs/queueOrder.ts. */
export class Shares {
  constructor(private readonly postgres: Postgres) {}

  /** By name. @param project null: every project that has a key or a weight. */
  list(project: string | null): Promise<ProjectShare[]> {
    return this.postgres.query(shareSchema, shares(project === null ? sql`true` : sql`names.name = ${project}`));
  }

  /** Takes effect with the next start of a job. */
  async setWeight(name: string, weight: number): Promise<ProjectShare> {
    await this.postgres.execute(sql`
      INSERT INTO projects (name, weight) VALUES (${name}, ${weight}::float8)
      ON CONFLICT (name) DO UPDATE SET weight = excluded.weight`);
    const [share] = await this.list(name);
    if (!share) throw new Error(`the project ${name} has a weight and is not listed`);
    return share;
  }
}
