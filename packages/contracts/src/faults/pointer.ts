export type Path = readonly PropertyKey[];

/** `base` and the JSON pointer of `path` below it (RFC 6901). */
export const toPointer = (base: string, path: Path): string =>
  base + path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The value at `path` in `input`; undefined where the path leads through something that has no fields. */
export const valueAt = (input: unknown, path: Path): unknown => path.reduce(fieldOf, input);

const fieldOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
