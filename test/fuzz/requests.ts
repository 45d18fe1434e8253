import fc from 'fast-check';
import { broken, oddTexts, oddValues, type Schema, valid } from './values.js';

export interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: 'path' | 'query' | 'header'; schema: Schema }[];
  /** Of the JSON body; null: the operation takes none. */
  body: Schema | null;
}

export interface FuzzRequest {
  method: string;
  /** The operation's own path, for the count of its answers. */
  route: string;
  /** With query. `@job3`, `@key0`, `@upl0` and `@imp0` are replaced by existing ids when the request is sent. */
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

interface Document {
  paths: Record<string, Record<string, { parameters?: Operation['parameters']; requestBody?: Body }>>;
  components: { schemas: Record<string, Schema> };
}
interface Body {
  content: Record<string, { schema: Schema }>;
}

export const operationsOf = ({ paths }: Document): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content['application/json']?.schema ?? null,
    })),
  );

/** Texts in a URL: odd characters are percent-encoded, or (rarely) left as they are where that is legal. */
const encode = (text: string): string => encodeURIComponent(Buffer.from(text).toString());
const rawPath = (text: string): string => text.replace(/[^\x21-\x7e]|[#?]/g, '').slice(0, 200);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Headers are Latin-1 without control characters; Node's client refuses to send others. */
const headerOf = (value: unknown): string =>
  textOf(value)
    .replace(/[^\x20-\x7e\xa1-\xff]/g, '')
    .trim();

const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: good, weight: 4 }, { arbitrary: bad, weight: 1 });

/** Fields that make a drawn body acceptable: names that exist, layers that fit. */
const sensible: Record<string, object> = {
  '/v1/jobs': { architecture: 'lenet', dataset: 'stripes' },
  '/v1/architectures/describe': { layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }], classes: 10 },
};

type Resolve = (ref: string) => Schema;
type Pair = readonly [name: string, value: string];

/** Requests of one operation: valid by its schemas, or broken in one or more places. */
export function requestsOf(operation: Operation, { components }: Document): fc.Arbitrary<FuzzRequest> {
  const resolve: Resolve = (ref) => components.schemas[ref.split('/').at(-1) ?? ''] ?? {};
  const { method, path: route, body } = operation;
  const drawn = fc.record({
    path: pathsOf(operation, resolve),
    query: queriesOf(operation, resolve),
    headers: headersOf(operation, resolve),
    body: body === null ? fc.constant(null) : bodies(body, resolve, sensible[route] ?? {}),
  });
  return drawn.map(({ path, query, headers, body }) => ({
    method,
    route,
    path: query ? `${path}?${query}` : path,
    headers: {
      ...(body === null ? {} : { 'content-type': 'application/json' }),
      ...(headers as Record<string, string>),
    },
    body,
  }));
}

const kinds = { '/v1/keys': 'key', '/v1/uploads': 'upl', '/v1/imports': 'imp' };

/** Of the ids in the path of a route. */
const kindOf = (route: string): string =>
  Object.entries(kinds).find(([start]) => route.startsWith(start))?.[1] ?? 'job';

function pathsOf({ path: route, parameters }: Operation, resolve: Resolve): fc.Arbitrary<string> {
  const kind = kindOf(route);
  const segmentOf = (name: string, schema: Schema) => {
    const existing = fc.nat({ max: 20 }).map((n) => `@${kind}${n}`);
    const known = name === 'id' ? [{ arbitrary: existing, weight: 12 }] : [];
    const fitting = valid(schema, resolve).map((value) => encode(textOf(value)));
    return fc.oneof(
      ...known,
      { arbitrary: fitting, weight: name === 'id' ? 1 : 12 },
      { arbitrary: oddTexts.map(encode), weight: 1 },
      { arbitrary: oddTexts.map(rawPath), weight: 1 },
    );
  };
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  return fc
    .record(Object.fromEntries(inPath.map(({ name, schema }) => [name, segmentOf(name, schema)])))
    .map((values) => route.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? ''));
}

/** A request may wait for a job; after a minute it shows no more than after a second. */
const shortWait = (name: string, schema: Schema): Schema => (name === 'wait' ? { ...schema, maximum: 1 } : schema);

/** Query strings with at most three of the operation's parameters, or with an unknown one. */
function queriesOf({ parameters }: Operation, resolve: Resolve): fc.Arbitrary<string> {
  const pairs = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema }) =>
      valuesOf(shortWait(name, schema), resolve).map((text): Pair => [name, text.slice(0, 1000)]),
    );
  const some = pairs.length > 0 ? fc.array(fc.oneof(...pairs), { maxLength: 3 }) : fc.constant<Pair[]>([]);
  const unknown = fc.tuple(oddTexts, oddTexts).map((pair): Pair[] => [pair]);
  return fc
    .oneof({ arbitrary: some, weight: 12 }, { arbitrary: unknown, weight: 1 })
    .map((all) => all.map(([name, text]) => `${encode(name)}=${encode(text)}`).join('&'));
}

function headersOf({ parameters }: Operation, resolve: Resolve): fc.Arbitrary<Record<string, string | undefined>> {
  const own = parameters.filter((parameter) => parameter.in === 'header');
  const odd = oddTexts.map(headerOf);
  return fc.record(
    {
      ...Object.fromEntries(own.map(({ name, schema }) => [name, valuesOf(schema, resolve).map(headerOf)])),
      accept: fc.constantFrom('application/json', 'text/event-stream', 'text/html', '*/*', 'x'),
      range: fc.oneof(fc.constantFrom('bytes=0-9', 'bytes=-5', 'bytes=5-', 'bytes=9999999999999999999-', 'x'), odd),
      'if-none-match': fc.oneof(fc.constantFrom('*', '"x"', 'W/"x", "y"'), odd),
      'if-range': odd,
    },
    { requiredKeys: [] },
  );
}

/** Texts for a parameter, mostly valid. */
const valuesOf = (schema: Schema, resolve: Resolve): fc.Arbitrary<string> =>
  mostly(valid(schema, resolve).map(textOf), fc.oneof(oddTexts, oddValues.map(textOf)));

function bodies(schema: Schema, resolve: Resolve, sense: object): fc.Arbitrary<string> {
  const drawn = valid(schema, resolve);
  const fitting = fc.oneof(
    drawn,
    drawn.map((value) => ({ ...(value as object), ...sense })),
  );
  const wrong = fc.tuple(fitting, fc.nat(), oddValues).map(([value, n, odd]) => broken(value, n, odd));
  const cut = fc
    .tuple(
      fitting.map((value) => JSON.stringify(value)),
      fc.nat(),
    )
    .map(([text, n]) => text.slice(0, n % text.length));
  return fc.oneof(
    { arbitrary: fitting.map((value) => JSON.stringify(value)), weight: 6 },
    { arbitrary: wrong.map((value) => JSON.stringify(value)), weight: 6 },
    { arbitrary: oddValues.map((value) => JSON.stringify(value)), weight: 1 },
    { arbitrary: cut, weight: 1 },
    { arbitrary: oddTexts, weight: 1 },
  );
}
