import type { Point } from '@trainyard/contracts';

type Fields = Record<string, unknown>;

/** Where a field of a spec may be text, that text is this key of the object that it is short for. */
const shorthand = new Map([
  ['optimizer', 'type'],
  ['schedule', 'type'],
  ['dataset', 'name'],
]);

/**
 * The job spec of a trial: the base spec with the values of a point. A path into a field that the base spec leaves out
 * starts from what the complete base spec has there, so that `optimizer.momentum` alone varies the recipe's optimizer.
 * A path into text that is short for an object (`"optimizer": "sgd"`) makes it that object.
 * @param complete the base spec with the defaults of its recipe; null: it has none
 */
export function applyPoint(base: Fields, point: Point, complete: Fields | null): Fields {
  const spec: Fields = structuredClone(base);
  // Shorter paths first: `optimizer` is set before `optimizer.momentum`, and `optimizer.type` before both.
  for (const path of Object.keys(point).sort(byDepth)) {
    const keys = path.split('.');
    const [top = '', second] = keys;
    const isFilled = keys.length > 1 && spec[top] === undefined && complete?.[top] !== undefined;
    // Another type of optimizer or schedule has other fields than the recipe's.
    if (isFilled) spec[top] = second === 'type' ? sameType(complete[top], point[path]) : structuredClone(complete[top]);
    set(spec, keys, structuredClone(point[path]));
  }
  return spec;
}

function byDepth(a: string, b: string): number {
  const rank = (path: string) => path.split('.').length * 2 - (path.endsWith('.type') ? 1 : 0);
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

const sameType = (object: unknown, type: unknown): unknown =>
  isFields(object) && object.type === type ? structuredClone(object) : {};

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function set(spec: Fields, keys: string[], value: unknown): void {
  const last = keys.at(-1) ?? '';
  let place = spec;
  for (const [depth, key] of keys.slice(0, -1).entries()) {
    // Only own fields: `constructor` is the name of no field.
    const inner = Object.hasOwn(place, key) ? place[key] : undefined;
    const short = depth === 0 && typeof inner === 'string' ? shorthand.get(key) : undefined;
    const opened = short ? { [short]: inner } : {};
    const object = isFields(inner) ? inner : opened;
    define(place, key, object);
    place = object;
  }
  define(place, last, value);
}

/** Sets a key that may be any text, such as `__proto__`. */
const define = (object: Fields, key: string, value: unknown): void => {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
};
