/** A text that two JSON values share where they are equal, whatever the order of their keys. */
export function jsonKey(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(jsonKey).join()}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries
    .map(([key, item]) => `${JSON.stringify(key)}:${jsonKey(item)}`)
    .sort()
    .join()}}`;
}

export const sameJson = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && jsonKey(a) === jsonKey(b));
