import { maxQueuePosition } from '@trainyard/contracts';
import { empty, type Sql, sql } from '../postgres/sql.js';

/*
 * The order in which queued jobs start
 *
 * Projects share the workers by their weights, each start of a job counting as one: start-time fair queueing (Goyal,
 * Vin and Cheng, "Start-time Fair Queueing", SIGCOMM 1996). A project moves on by a stride of `virtualSecond / weight`
 * in virtual time with each start. The first job of a project has the virtual start
 *
 *   max(v, virtual start of the project's last start + stride)
 *
 * where v is the virtual start of the last start of any project, and each further job is one stride later. The queued
 * job with the least virtual start is the next; of equal ones the one that was submitted first. So a project that waits
 * gets its share, whatever the others submit; one that is alone gets every worker; and one that comes back after a
 * pause begins at v: it has saved up nothing, and owes nothing. Within a project, jobs start in the order of their
 * priority, then of their submission; a priority changes nothing between projects.
 *
 * Virtual times are integers, so that an order that was computed stays the same after each start of it. What the order
 * is computed from is written by the starts themselves, into the row of the started job. So there is no row that all
 * workers have to lock: of workers that open jobs at the same moment, each skips the rows that others have locked, and
 * gets the next job of the same order. A deletion keeps the virtual start of the job in the row of its project.
 */

/** What one start costs a project of the weight 1, in virtual time. */
const virtualSecond = 1_000_000;

/** The virtual start of the last start of any project. */
const virtualTime = sql`greatest(
  (SELECT max(virtual_start) FROM jobs), (SELECT max(last_start) FROM projects), 0)`;

/** Of the project `waiting.project`. */
const stride = sql`round(${virtualSecond}::numeric / coalesce(shares.weight, 1)::numeric)::bigint`;
const lastStart = sql`greatest(
  (SELECT max(virtual_start) FROM jobs WHERE jobs.project = waiting.project), shares.last_start)`;

const ofComing = sql`UNION ALL SELECT id, attempt, priority, created_at FROM coming WHERE project = turns.project`;

/**
 * Begins a statement with the first jobs of the queue: `head` has their `id`, `attempt` and `priority`, their
 * `virtual_start`, and their `position` from 0. Postgres runs it only if the statement reads it. Each queued job of a
 * page is looked up in it by a scan: ten times as many positions make a page of 100 queued jobs ten times as slow.
 *
 * @param limit how many jobs `head` has at most; as many are read of each project that waits.
 * @param coming a query for jobs that are not stored yet, whose places `head` has too: `project`, `id`, `attempt`,
 *   `priority`, `created_at`
 */
export const headOfQueue = (limit: number, coming?: Sql): Sql => sql`
  WITH RECURSIVE ${coming ? sql`coming AS MATERIALIZED (${coming}),` : empty} waiting AS (
    -- Each project with queued jobs, by one look into the index a project.
    (SELECT project::text FROM jobs WHERE state = 'queued' ORDER BY project LIMIT 1)
    UNION ALL
    SELECT (
      SELECT project::text FROM jobs WHERE state = 'queued' AND project > waiting.project ORDER BY project LIMIT 1
    ) FROM waiting WHERE waiting.project IS NOT NULL
  ), turns AS MATERIALIZED (
    SELECT waiting.project, ${stride} AS stride,
      greatest(${virtualTime}, ${lastStart} + ${stride}) AS first_start
    FROM (SELECT project FROM waiting ${coming ? sql`UNION SELECT project FROM coming` : empty}) AS waiting
    LEFT JOIN projects AS shares ON shares.name = waiting.project
    WHERE waiting.project IS NOT NULL
  ), head AS MATERIALIZED (
    SELECT id, attempt, priority, virtual_start,
      row_number() OVER (ORDER BY virtual_start, created_at, id) - 1 AS position
    FROM (
      SELECT queued.*, first_start + stride * (queued.place - 1) AS virtual_start
      FROM turns CROSS JOIN LATERAL (
        SELECT *, row_number() OVER (ORDER BY priority DESC, created_at, id) AS place
        FROM (
          (SELECT id, attempt, priority, created_at FROM jobs WHERE state = 'queued' AND jobs.project = turns.project
            ORDER BY priority DESC, created_at, id LIMIT ${limit}::int)
          ${coming ? ofComing : empty}
        ) AS ofProject
        ORDER BY priority DESC, created_at, id LIMIT ${limit}::int
      ) AS queued
    ) AS merged
    ORDER BY virtual_start, created_at, id LIMIT ${limit}::int
  )`;

/** With as many jobs as have a position. */
export const queueHead = headOfQueue(maxQueuePosition);
