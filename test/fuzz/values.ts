import fc from 'fast-check';

/** The part of JSON Schema that zod writes into the OpenAPI document. */
export interface Schema {
  $ref?: string;
  anyOf?: Schema[];
  oneOf?: Schema[];
  const?: unknown;
  enum?: unknown[];
  type?: string;
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  maxItems?: number;
  prefixItems?: Schema[];
  items?: Schema | false;
  properties?: Record<string, Schema>;
  required?: string[];
}

/** Texts that break code which does not expect them. */
export const oddTexts: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\r\nX-Injected: 1',
    '\n{"level":30,"msg":"forged"}\u001b[2J',
    "'; DROP TABLE jobs; --",
    "' OR '1'='1",
    '../../../../etc/passwd',
    '..%2f..%2fetc%2fpasswd',
    '%00',
    '%zz',
    '__proto__',
    'constructor',
    'best',
    '-1',
    '0',
    '1e308',
    '9007199254740993',
    '99999999999999999999999999',
    'NaN',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999999+23:59',
    '2024-02-30T00:00:00Z',
    Buffer.from('["createdAt","2026-01-01T00:00:00.000Z","job_x"]').toString('base64url'),
    Buffer.from('["-accuracy",1e999,"x"]').toString('base64url'),
    Buffer.from('["-accuracy",5,"\\u0000"]').toString('base64url'),
    'x'.repeat(300),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);

/** Values of any type, with odd numbers and deep nesting among them. */
export const oddValues: fc.Arbitrary<unknown> = fc.oneof(
  oddTexts,
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -0,
    -1,
    1,
    0.5,
    2 ** 31,
    2 ** 53,
    2 ** 63,
    1e308,
    5e-324,
    -1e-7,
    [],
    {},
  ),
  fc.constant('x'.repeat(20_000)),
  fc.constant(JSON.parse('['.repeat(500) + ']'.repeat(500))),
  fc.constant(JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {}}}')),
  fc.array(fc.integer(), { minLength: 200, maxLength: 2000 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Names that exist, so that some of the drawn requests succeed. */
const knownTexts = ['stripes', 'cifar10', 'lenet', 'cnn3', 'vgg6', 'resnet9', 'airbench94', 'default'];

function texts({ pattern, format, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  const any = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 60) });
  // fast-check cannot draw from classes of Unicode.
  if (!pattern || pattern.includes('\\P')) return fc.oneof(any, fc.constantFrom(...knownTexts));
  const expression = new RegExp(pattern, 'u');
  const known = knownTexts.filter((text) => expression.test(text));
  return fc.oneof(fc.stringMatching(expression), ...(known.length ? [fc.constantFrom(...known)] : []));
}

function numbers(schema: Schema): fc.Arbitrary<number> {
  const min = schema.minimum ?? schema.exclusiveMinimum ?? -1e9;
  const max = schema.maximum ?? schema.exclusiveMaximum ?? 1e9;
  if (schema.type === 'integer') {
    const [low, high] = [Math.ceil(min), Math.floor(max)];
    return fc.oneof(
      fc.integer({ min: Math.max(low, -(2 ** 53)), max: Math.min(high, low + 64) }),
      fc.constantFrom(low, high),
    );
  }
  return fc.double({
    min,
    max,
    noNaN: true,
    minExcluded: schema.exclusiveMinimum !== undefined,
    maxExcluded: schema.exclusiveMaximum !== undefined,
  });
}

type Resolve = (ref: string) => Schema;

function objects({ properties = {}, required = [] }: Schema, resolve: Resolve, depth: number): fc.Arbitrary<unknown> {
  const optional = Object.keys(properties).filter((name) => !required.includes(name));
  return fc.subarray(optional, { maxLength: Math.min(3, optional.length) }).chain((chosen) => {
    const names = [...required, ...chosen];
    return fc.record(
      Object.fromEntries(names.map((name) => [name, valid(properties[name] as Schema, resolve, depth + 1)])),
    );
  });
}

function arrays({ prefixItems, items, minItems = 0, maxItems = 4 }: Schema, resolve: Resolve, depth: number) {
  if (prefixItems) return fc.tuple(...prefixItems.map((item) => valid(item, resolve, depth + 1)));
  const item = valid(items || {}, resolve, depth + 1);
  return fc.array(item, { minLength: minItems, maxLength: Math.min(maxItems, minItems + 4) });
}

/** Values that the schema allows. */
export function valid(schema: Schema, resolve: Resolve, depth = 0): fc.Arbitrary<unknown> {
  if (schema.$ref) return valid(resolve(schema.$ref), resolve, depth);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) {
    // A schema that contains itself (a residual layer) must end somewhere.
    const shallow = depth > 8 ? choices.slice(0, 1) : choices;
    return fc.nat({ max: shallow.length - 1 }).chain((i) => valid(shallow[i] as Schema, resolve, depth + 1));
  }
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'string':
      return texts(schema);
    case 'integer':
    case 'number':
      return numbers(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return arrays(schema, resolve, depth);
    case 'object':
      return objects(schema, resolve, depth);
    default:
      return oddValues;
  }
}

/** The value with its n-th part (depth-first, modulo their number) replaced by `odd`; or with an unknown key. */
export function broken(value: unknown, n: number, odd: unknown): unknown {
  const parts = countParts(value);
  let left = n % (parts + 1);
  const visit = (part: unknown): unknown => {
    if (left-- === 0) return odd;
    if (Array.isArray(part)) return part.map(visit);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, visit(inner)]));
  };
  const changed = visit(value);
  return left < 0 ? changed : { ...(changed as object), unknownKey: odd };
}

function countParts(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, part) => sum + countParts(part), 1);
}
