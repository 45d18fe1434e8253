import type { z } from 'zod';
import type { Fault } from '../problem.js';
import { type Path, toPointer, valueAt } from './pointer.js';
import { keysAt } from './schemaKeys.js';
import { longestKey, type Synonyms, unrecognizedKey } from './suggest.js';
import { describeIssue, type Issue } from './wording.js';

/** Turns the issues that zod reports into faults that say what the writer of the input should change. */

export interface FaultOptions {
  /** JSON pointer of the input in the user's document; default: it is the whole document. */
  pointer?: string;
  /** Names that other tools have for the keys of the schema, for suggestions. */
  synonyms?: Synonyms;
}

interface Context {
  input: unknown;
  schema: z.ZodType;
  pointer: string;
  synonyms: Synonyms;
}

/**
 * Every fault of `input` by `schema`; empty when it parses. Each unknown key has a fault of its own, which suggests the
 * known key that was probably meant.
 */
export function faultsOf(schema: z.ZodType, input: unknown, options: FaultOptions = {}): Fault[] {
  const { error } = schema.safeParse(input);
  return error ? faultsOfIssues(error.issues, input, schema, options) : [];
}

/** As `faultsOf`, for issues that `schema` has already reported. */
export function faultsOfIssues(
  issues: readonly Issue[],
  input: unknown,
  schema: z.ZodType,
  { pointer = '', synonyms = {} }: FaultOptions = {},
): Fault[] {
  return issues.flatMap((issue) => faultsOfIssue(issue, [], { input, schema, pointer, synonyms }));
}

function faultsOfIssue(issue: Issue, base: Path, context: Context): Fault[] {
  const path = [...base, ...issue.path];
  const value = valueAt(context.input, path);
  if (issue.code === 'unrecognized_keys') return unrecognizedKeys(issue.keys, path, context);
  if (issue.code === 'invalid_union') {
    const branch = intendedBranch(issue.errors, value);
    if (branch) return branch.flatMap((inner) => faultsOfIssue(inner, path, context));
  }
  return [{ pointer: toPointer(context.pointer, path), detail: describeIssue(issue, value) }];
}

/** Of one object, the unknown keys beyond this number are only counted, so that the answer stays short. */
const maxKeys = 20;

function unrecognizedKeys(keys: readonly string[], path: Path, { input, schema, pointer, synonyms }: Context): Fault[] {
  const known = keysAt(schema, input, path);
  const faults = keys.slice(0, maxKeys).map((key) => ({
    pointer: toPointer(pointer, key.length > longestKey ? path : [...path, key]),
    detail: unrecognizedKey(key, known, synonyms),
  }));
  if (keys.length <= maxKeys) return faults;
  return [...faults, { pointer: toPointer(pointer, path), detail: `${keys.length - maxKeys} more unrecognized keys` }];
}

/**
 * The branch of a union that the writer intended: of those whose outermost type is the type of the value, the one with
 * the fewest issues; null where no branch has that type.
 */
function intendedBranch(branches: readonly (readonly Issue[])[], value: unknown): readonly Issue[] | null {
  const ofThisType = branches.filter((issues) => !issues.some((issue) => isTypeMismatch(issue, value)));
  return ofThisType.reduce<readonly Issue[] | null>(
    (best, issues) => (best && best.length <= issues.length ? best : issues),
    null,
  );
}

function isTypeMismatch(issue: Issue, value: unknown): boolean {
  if (issue.path.length > 0) return false;
  // A number that is not whole still has the type of a branch for integers.
  if (issue.code === 'invalid_type') return issue.expected !== 'int';
  return issue.code === 'invalid_value' && typeof value !== 'string';
}
