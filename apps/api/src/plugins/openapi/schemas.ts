import { isObject, type Json, type JsonObject } from './portable.js';

export type Schemas = Record<string, Json>;

const prefix = '#/components/schemas/';
const references = (part: Json): string[] =>
  [...JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name = '']) => name);

/**
 * The library lists each schema twice, as input and as output. Lists an enumeration once, as both are the same, and
 * leaves out what no route references.
 */
export function usedSchemas<T extends { paths: Json; schemas: Schemas }>({ paths, schemas }: T) {
  const isEnumeration = (name: string) => isObject(schemas[name]) && Array.isArray(schemas[name].enum);
  const renamed = JSON.stringify({ paths, schemas }).replace(/"#\/components\/schemas\/(\w+)Input"/g, (text, name) =>
    isEnumeration(name) ? `"${prefix}${name}"` : text,
  );
  const document = JSON.parse(renamed) as { paths: T['paths']; schemas: Schemas };
  const used = new Set<string>();
  const visit = (part: Json) => {
    for (const name of references(part)) {
      if (used.has(name)) continue;
      used.add(name);
      visit(document.schemas[name] ?? null);
    }
  };
  visit(document.paths);
  const kept = Object.entries(document.schemas).filter(([name]) => used.has(name));
  return { paths: document.paths, schemas: withDiscriminators(Object.fromEntries(kept)) };
}

/** With a discriminator, generators make code that reads the kind first, and not every branch until one fits. */
function withDiscriminators(schemas: Schemas): Schemas {
  const visit = (part: Json): Json => {
    if (Array.isArray(part)) return part.map(visit);
    if (!isObject(part)) return part;
    const schema: JsonObject = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, visit(value)]));
    const discriminator = discriminatorOf(schema.oneOf, schemas);
    return discriminator ? { ...schema, discriminator } : schema;
  };
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, visit(schema)]));
}

function discriminatorOf(branches: Json | undefined, schemas: Schemas): JsonObject | null {
  if (!Array.isArray(branches)) return null;
  const named = branches.map((branch) => (isObject(branch) && typeof branch.$ref === 'string' ? branch.$ref : ''));
  const kinds = named.map((reference) => kindOf(schemas[reference.slice(prefix.length)]));
  if (kinds.some((kind) => kind === null)) return null;
  return { propertyName: 'type', mapping: Object.fromEntries(kinds.map((kind, index) => [kind, named[index] ?? ''])) };
}

/** The value of `type`, where only one is allowed. */
function kindOf(schema: Json | undefined): string | null {
  if (!isObject(schema) || !isObject(schema.properties) || !isObject(schema.properties.type)) return null;
  const values = schema.properties.type.enum;
  return Array.isArray(values) && values.length === 1 ? String(values[0]) : null;
}
