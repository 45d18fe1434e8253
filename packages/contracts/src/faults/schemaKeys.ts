import { z } from 'zod';
import { type Path, valueAt } from './pointer.js';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * The keys that an object at `path` of an input may have. Where a union has several kinds of objects there, these are
 * the keys of the kind that the input's `type` names, or of all kinds without one.
 */
export function keysAt(schema: z.ZodType, input: unknown, path: Path): string[] {
  const root = jsonSchemaOf(schema);
  return [...new Set(keysIn(root, root, input, path))];
}

function keysIn(root: JsonSchema, schema: JsonSchema, input: unknown, [head, ...rest]: Path): string[] {
  const kinds = alternatives(root, schema).filter((kind) => hasType(kind, valueAt(input, ['type'])));
  if (head === undefined) return kinds.flatMap(({ properties = {} }) => Object.keys(properties));
  const value = valueAt(input, [head]);
  return kinds
    .flatMap(({ properties = {}, items }) => [properties[String(head)], items].flat())
    .filter((child) => typeof child === 'object')
    .flatMap((child) => keysIn(root, child, value, rest));
}

/** The kinds of objects that a schema allows, where it is a union or a reference to one. */
function alternatives(root: JsonSchema, schema: JsonSchema): JsonSchema[] {
  if (schema.$ref !== undefined) return alternatives(root, referenced(root, schema.$ref));
  const branches = schema.anyOf ?? schema.oneOf;
  if (!branches) return [schema];
  return branches.filter((branch) => typeof branch === 'object').flatMap((branch) => alternatives(root, branch));
}

/** What contains itself, as layers do, is referenced: `#` for the whole schema, or `#/$defs/name`. */
function referenced(root: JsonSchema, reference: string): JsonSchema {
  const schema = reference === '#' ? root : root.$defs?.[reference.slice('#/$defs/'.length)];
  if (!schema) throw new Error(`the schema has no ${reference}`);
  return schema;
}

/** False where the schema is of objects with another `type`. */
function hasType({ properties }: JsonSchema, type: unknown): boolean {
  const expected = properties?.type;
  if (type === undefined || typeof expected !== 'object' || expected.const === undefined) return true;
  return expected.const === type;
}

const jsonSchemas = new WeakMap<z.ZodType, JsonSchema>();

/**
 * JSON Schema is the public description of a zod schema; its `def` is internal. The conversion takes milliseconds, so
 * its result is kept.
 */
function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const known = jsonSchemas.get(schema);
  if (known) return known;
  const converted = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  jsonSchemas.set(schema, converted);
  return converted;
}
