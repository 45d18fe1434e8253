import type { z } from 'zod';
import type { Fault } from './problem.js';

/** Turns zod's issues into faults in words that tell the writer of the input what to change. */

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/**
 * Every fault of `input` by `schema`; empty when it parses. `pointer` is where `input` stands in the user's document.
 * An unknown key gets a fault of its own, with the known key that was probably meant.
 */
export function faultsOf(schema: z.ZodType, input: unknown, pointer = ''): Fault[] {
  const { error } = schema.safeParse(input);
  return error ? faultsOfIssues(error.issues, input, schema, pointer) : [];
}

/** As faultsOf, for issues that zod has given already. */
export function faultsOfIssues(
  issues: readonly Issue[],
  input: unknown,
  schema: z.ZodType | null = null,
  pointer = '',
): Fault[] {
  return issues.flatMap((issue) => faultsOfIssue(issue, [], { input, schema, pointer }));
}

interface Context {
  input: unknown;
  schema: z.ZodType | null;
  pointer: string;
}

function faultsOfIssue(issue: Issue, base: Path, context: Context): Fault[] {
  const path = [...base, ...issue.path];
  const value = valueAt(context.input, path);
  if (issue.code === 'unrecognized_keys') return unrecognizedKeys(issue.keys, path, context);
  if (issue.code === 'invalid_union') {
    const branch = branchMeant(issue.errors, value);
    if (branch) return branch.flatMap((inner) => faultsOfIssue(inner, path, context));
  }
  return [{ pointer: toPointer(context.pointer, path), detail: wordsFor(issue, value) }];
}

/** More keys than this in one object are counted, and longer ones are not tried to be understood. */
const mostKeys = 20;
const longestKey = 64;

function unrecognizedKeys(keys: readonly string[], path: Path, { input, schema, pointer }: Context): Fault[] {
  const known = schema ? keysAt(schema, input, path) : [];
  const faults = keys.slice(0, mostKeys).map((key) => ({
    pointer: toPointer(pointer, key.length > longestKey ? path : [...path, key]),
    detail: unrecognized(key, known),
  }));
  if (keys.length <= mostKeys) return faults;
  return [...faults, { pointer: toPointer(pointer, path), detail: `${keys.length - mostKeys} more unrecognized keys` }];
}

/** RFC 6901 */
export const toPointer = (base: string, path: Path): string =>
  base + path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}

/** The alternative of a union that the writer meant: one whose outermost type is the input's; null when none is. */
function branchMeant(branches: readonly (readonly Issue[])[], value: unknown): readonly Issue[] | null {
  const ofThisType = branches.filter((issues) => !issues.some((issue) => isTypeMismatch(issue, value)));
  return ofThisType.reduce<readonly Issue[] | null>(
    (best, issues) => (best && best.length <= issues.length ? best : issues),
    null,
  );
}

const isTypeMismatch = (issue: Issue, value: unknown): boolean =>
  issue.path.length === 0 &&
  (issue.code === 'invalid_type'
    ? issue.expected !== 'int'
    : issue.code === 'invalid_value' && typeof value !== 'string');

function wordsFor(issue: Issue, value: unknown): string {
  const is = shown(value);
  const must = value === undefined ? 'is required:' : 'must be';
  switch (issue.code) {
    case 'invalid_type':
      return `${must} ${typeName(issue.expected)}${is}`;
    case 'invalid_value':
      return `${must} ${oneOf(issue.values)}${is}`;
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum), issue.inclusive ?? true, is);
    case 'too_big':
      return tooBig(issue.origin, Number(issue.maximum), issue.inclusive ?? true, is);
    case 'invalid_union':
      return `${must} ${unionWords(issue)}${is}`;
    default:
      return `${issue.message}${is}`;
  }
}

function unionWords(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  if ('options' in issue && Array.isArray(issue.options)) return oneOf(issue.options);
  const types = issue.errors.map(([first]) => {
    if (first?.code === 'invalid_type') return typeName(first.expected);
    return first?.code === 'invalid_value' ? oneOf(first.values) : 'another value';
  });
  return [...new Set(types)].join(', or ');
}

/** e.g. ` (is -0.5)`; nothing for what is too long to repeat. */
function shown(value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return ' (is a list)';
  if (typeof value === 'object' && value !== null) return ' (is an object)';
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? ` (is ${text})` : '';
}

const typeNames: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
};
const typeName = (expected: string): string => typeNames[expected] ?? expected;

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? JSON.stringify(values[0]) : `one of ${values.map((v) => JSON.stringify(v)).join(', ')}`;

const units: Record<string, string> = { string: 'character', array: 'item' };
const counted = (count: number, origin: string): string => `${count} ${units[origin]}${count === 1 ? '' : 's'}`;

function tooSmall(origin: string, minimum: number, inclusive: boolean, is: string): string {
  if (origin in units) return `must have at least ${counted(minimum, origin)}`;
  return `must be ${inclusive ? 'at least' : 'greater than'} ${minimum}${is}`;
}

function tooBig(origin: string, maximum: number, inclusive: boolean, is: string): string {
  if (origin in units) return `must have at most ${counted(maximum, origin)}`;
  return `must be ${inclusive ? 'at most' : 'less than'} ${maximum}${is}`;
}

function unrecognized(key: string, known: string[]): string {
  if (key.length > longestKey) return `unrecognized key ${JSON.stringify(`${key.slice(0, longestKey)}…`)}`;
  const meant = known.find((candidate) => candidate === slips[fold(key)]) ?? nearest(key, known);
  const hint = meant
    ? `; did you mean ${JSON.stringify(meant)}?`
    : known.length > 0
      ? `; the keys are ${known.join(', ')}`
      : '';
  return `unrecognized key ${JSON.stringify(key)}${hint}`;
}

const fold = (key: string): string => key.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** What other tools call our keys. */
const slips: Record<string, string> = {
  lr: 'learningRate',
  rate: 'learningRate',
  bs: 'batchSize',
  batch: 'batchSize',
  minibatch: 'batchSize',
  epoch: 'epochs',
  numepochs: 'epochs',
  nepochs: 'epochs',
  maxepochs: 'epochs',
  arch: 'architecture',
  model: 'architecture',
  network: 'architecture',
  data: 'dataset',
  optim: 'optimizer',
  optimiser: 'optimizer',
  scheduler: 'schedule',
  lrschedule: 'schedule',
  criterion: 'loss',
  augment: 'augmentation',
  augmentations: 'augmentation',
  normalize: 'normalization',
  normalise: 'normalization',
  randomseed: 'seed',
  channels: 'filters',
  outchannels: 'filters',
  kernelsize: 'kernel',
  kernelshape: 'kernel',
  strides: 'stride',
  pad: 'padding',
  usebias: 'bias',
  features: 'units',
  outfeatures: 'units',
  size: 'kernel',
  kernel: 'size',
  poolsize: 'size',
  eps: 'epsilon',
  p: 'rate',
  activation: 'kind',
  wd: 'weightDecay',
  decay: 'weightDecay',
};

/** The known key at most a third of its letters away. */
function nearest(key: string, known: string[]): string | null {
  const folded = fold(key);
  const [best] = known
    .map((candidate) => ({ candidate, distance: editDistance(folded, fold(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.floor(Math.max(best.candidate.length, 3) / 3) ? best.candidate : null;
}

/** Levenshtein 1966 */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    previous = row;
  }
  return previous[b.length] as number;
}

/** The keys that an object at `path` may have, whichever alternative of a union its `type` picks. */
function keysAt(schema: z.ZodType, input: unknown, path: Path): string[] {
  const shapes = objectShapes(schema, input);
  const [head, ...rest] = path;
  if (head === undefined) return [...new Set(shapes.flatMap((shape) => Object.keys(shape)))];
  const value = valueAt(input, [head]);
  const inner = shapes.flatMap((shape) => shape[String(head)] ?? []).concat(elementSchemas(schema));
  return [...new Set(inner.flatMap((child) => keysAt(child as z.ZodType, value, rest)))];
}

type Definition = {
  type: string;
  shape?: Record<string, z.ZodType>;
  options?: z.ZodType[];
  innerType?: z.ZodType;
  in?: z.ZodType;
  element?: z.ZodType;
  values?: unknown[];
};
const definition = (schema: z.ZodType): Definition => schema.def as unknown as Definition;

/** The schema, without what wraps it, as its alternatives. */
function alternatives(schema: z.ZodType): z.ZodType[] {
  const { type, options, innerType, in: source } = definition(schema);
  if (type === 'union' && options) return options.flatMap(alternatives);
  if (innerType) return alternatives(innerType);
  return source ? alternatives(source) : [schema];
}

function objectShapes(schema: z.ZodType, input: unknown): Record<string, z.ZodType>[] {
  const type = valueAt(input, ['type']);
  return alternatives(schema).flatMap((alternative) => {
    const { shape } = definition(alternative);
    if (!shape) return [];
    const literals = shape.type ? definition(shape.type).values : undefined;
    return literals && type !== undefined && !literals.includes(type) ? [] : [shape];
  });
}

const elementSchemas = (schema: z.ZodType): z.ZodType[] =>
  alternatives(schema).flatMap((alternative) => definition(alternative).element ?? []);
