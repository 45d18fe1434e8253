/** A part of a document in JSON. */
export type Json = { [key: string]: Json } | Json[] | string | number | boolean | null;
export type JsonObject = { [key: string]: Json };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const int32 = 2 ** 31 - 1;

/**
 * Writes schemas in the forms of JSON Schema that generators of clients understand:
 *
 * - a tuple as an array of that length (openapi-python-client and oapi-codegen refuse `items: false`);
 * - a constant as an enumeration of one value (openapi-python-client checks a `const` in every branch of a union);
 * - several types as branches (oapi-codegen refuses a list of types, but for one type and null);
 * - numbers with a format, since oapi-codegen makes a number without one a float32.
 */
export function portable(part: Json): Json {
  if (Array.isArray(part)) return part.map(portable);
  if (!isObject(part)) return part;
  const schema = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, portable(value)]));
  return withFormat(withoutTypes(withoutConst(withoutTuple(schema))));
}

function withoutTypes(schema: JsonObject): JsonObject {
  const { type: types, ...rest } = schema;
  if (!Array.isArray(types) || types.filter((type) => type !== 'null').length < 2) return schema;
  return { ...rest, anyOf: types.map((type) => withFormat({ type })) };
}

function withoutTuple(schema: JsonObject): JsonObject {
  const { prefixItems, items: _items, ...rest } = schema;
  if (!Array.isArray(prefixItems)) return schema;
  const kinds = [...new Map(prefixItems.map((item) => [JSON.stringify(item), item])).values()];
  const [first = null] = kinds;
  return {
    ...rest,
    items: kinds.length > 1 ? { anyOf: kinds } : first,
    minItems: prefixItems.length,
    maxItems: prefixItems.length,
  };
}

function withoutConst(schema: JsonObject): JsonObject {
  const { const: value, ...rest } = schema;
  return value === undefined || isObject(value) ? schema : { ...rest, enum: [value] };
}

/** zod calls constants numbers, whatever they are. */
const isIntegers = (values: Json | undefined): boolean =>
  Array.isArray(values) && values.every((value) => Number.isInteger(value));

function withFormat(schema: JsonObject): JsonObject {
  if (schema.type === 'number' && isIntegers(schema.enum)) return { ...schema, type: 'integer', format: 'int32' };
  if (schema.type === 'number') return { format: 'double', ...schema };
  if (schema.type !== 'integer') return schema;
  const isSmall = typeof schema.maximum === 'number' && schema.maximum <= int32;
  return { format: isSmall ? 'int32' : 'int64', ...schema };
}
