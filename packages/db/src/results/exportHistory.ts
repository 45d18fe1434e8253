import { type AnyResultRow, InvalidInputError, type ResultsQuery } from '@trainyard/contracts';
import { type Fields, formatField, parseFields } from '@trainyard/query';
import { z } from 'zod';
import { type Column, columnOf, jobFields } from '../filter/jobFields.js';
import { foreignTables, withTables } from '../foreign/foreignTables.js';
import type { Snapshot } from '../postgres/snapshots.js';
import { join, type Sql, sql } from '../postgres/sql.js';
import { historyFilters, historyOrder } from './history.js';
import { HistoryColumns } from './historyColumns.js';
import { resultColumns } from './resultColumns.js';

/** A value of a table: a date is a Date, `json` and `list` are as JSON.parse returns them. */
export type Cell = unknown;

export interface TableColumn {
  name: string;
  type: 'number' | 'text' | 'boolean' | 'date' | 'list' | 'json';
}

/** The history as a table; each batch of rows has their cells in the order of the columns. */
export interface Table {
  columns: TableColumn[];
  batches: AsyncIterable<Cell[][]>;
}

/** Measures of a class, in the order in which a row of `rowsStatement` has them. */
const measures = ['recall', 'precision', 'f1'] as const;

/** A column of the table, or one for each class that the rows have. */
type Choice = { name: string; column: Column } | { measure: (typeof measures)[number] };

const everything: Choice[] = [
  ...Object.entries(resultColumns).map(([name, column]) => ({ name, column })),
  ...measures.map((measure) => ({ measure })),
];

/** The fields that a list of columns may name. A name that rows and filters both have means the field of the rows. */
const tableFields: Fields = {
  typeOf: (path) => {
    const choice = choiceOf(path);
    if (choice === null) return null;
    return isMeasure(choice) ? 'number' : choice.column.type;
  },
  names: [...Object.keys(resultColumns), ...measures, ...jobFields.names],
};

function choiceOf(path: string[]): Choice | null {
  const name = formatField(path);
  const measure = measures.find((each) => each === name);
  if (measure !== undefined) return { measure };
  const column = Object.hasOwn(resultColumns, name) ? resultColumns[name as keyof AnyResultRow] : columnOf(path);
  return column && { name, column };
}

const mostChosen = 200;

/** @throws FilterError; InvalidInputError for too many */
function choicesOf(columns: string): Choice[] {
  const choices = parseFields(columns, tableFields).flatMap(({ path }) => choiceOf(path) ?? []);
  if (choices.length <= mostChosen) return choices;
  throw new InvalidInputError(`columns names ${choices.length} fields; at most ${mostChosen} are possible`, [
    { pointer: '/columns', detail: `at most ${mostChosen} fields` },
  ]);
}

/** Rows that are read at once. */
const batchSize = 500;
/** More than the classes of the largest common datasets; the memory for a file's columns grows with them. */
const mostColumns = 5000;

export async function readTable(snapshot: Snapshot, project: string, query: ResultsQuery): Promise<Table> {
  const choices = query.columns === undefined ? everything : choicesOf(query.columns);
  const from = matching(project, query);
  const tables = foreignTables(project, query);
  const ofClasses = withTables(tables, classesStatement(from));
  const classes = choices.some(isMeasure) ? await snapshot.query(classSchema, ofClasses) : [];
  const names = classes.map(({ name }) => name);
  const columns = choices.flatMap((choice) => columnsOf(choice, names));
  if (columns.length > mostColumns) {
    throw new InvalidInputError(
      `the table would have ${columns.length} columns, because its runs have ${names.length} classes; ` +
        `at most ${mostColumns} are possible: choose fewer runs, by dataset or filter`,
    );
  }
  const twice = columns.find(({ name }, i) => columns.findIndex((other) => other.name === name) < i);
  if (twice) {
    const detail = `names ${twice.name} twice; name it once`;
    throw new InvalidInputError(`columns ${detail}`, [{ pointer: '/columns', detail }]);
  }
  const rows = withTables(tables, rowsStatement(from, query, choices));
  return { columns, batches: batchesOf(snapshot, rows, { choices, names }) };
}

async function* batchesOf(snapshot: Snapshot, statement: Sql, shape: { choices: Choice[]; names: string[] }) {
  for await (const rows of snapshot.batches(statement, batchSize)) yield rows.map((row) => cellsOf(row, shape));
}

const isMeasure = (choice: Choice): choice is Extract<Choice, { measure: unknown }> => 'measure' in choice;

function columnsOf(choice: Choice, classes: readonly string[]): TableColumn[] {
  if (!isMeasure(choice)) return [{ name: choice.name, type: cellTypes[choice.column.type] }];
  return classes.map((name) => ({ name: formatField([choice.measure, name]), type: 'number' }));
}

const cellTypes = {
  number: 'number',
  duration: 'number',
  text: 'text',
  boolean: 'boolean',
  date: 'date',
  list: 'list',
  any: 'json',
} as const satisfies Record<Column['type'], TableColumn['type']>;

/** @param row of `rowsStatement` */
function cellsOf(row: readonly unknown[], { choices, names }: { choices: Choice[]; names: string[] }): Cell[] {
  const byClass = (row.at(-1) ?? {}) as Record<string, (number | null)[]>;
  let next = 0;
  return choices.flatMap((choice) => {
    if (!isMeasure(choice)) return [row[next++]];
    const measure = measures.indexOf(choice.measure);
    return names.map((name) => byClass[name]?.[measure] ?? null);
  });
}

function matching(project: string, query: ResultsQuery): Sql {
  const columns = new HistoryColumns(false);
  const conditions = [sql`test_results.project = ${project}`, ...historyFilters(query, columns)];
  if (query.cursor !== undefined) conditions.push(historyOrder(query).after(query.cursor, sql`test_results.job_id`));
  return sql`FROM test_results JOIN jobs ON jobs.id = test_results.job_id WHERE ${join(conditions, ' AND ')}`;
}

const classSchema = z.object({ name: z.string() });

/** The classes of all rows, in the order in which their datasets have them. */
const classesStatement = (from: Sql): Sql => sql`
  SELECT name FROM class_results WHERE job_id IN (SELECT test_results.job_id ${from})
  GROUP BY name ORDER BY min(class_index), name`;

/** More than any table has. With a limit, Postgres computes the columns after sorting: what it sorts stays small. */
const noLimit = sql`LIMIT ${1e15}::bigint`;

/** A row's chosen columns, and last an object with the measures of each class. */
function rowsStatement(from: Sql, query: ResultsQuery, choices: readonly Choice[]): Sql {
  const chosen = choices.flatMap((choice) => (isMeasure(choice) ? [] : [choice.column.sql]));
  const byClass = choices.some(isMeasure)
    ? sql`(SELECT jsonb_object_agg(class_results.name, jsonb_build_array(recall, precision, f1))
        FROM class_results WHERE class_results.job_id = test_results.job_id)`
    : sql`NULL`;
  const order = historyOrder(query);
  return sql`SELECT ${join([...chosen, byClass])} ${from}
    ORDER BY ${order.by('values', sql`test_results.job_id`)} ${noLimit}`;
}
