import { InvalidInputError, nearestName } from '@trainyard/contracts';
import { decodeCursor, encodeCursor } from '../../postgres/page.js';

/** A class that a query names. @throws InvalidInputError with the nearest name, where there is no such class */
export function classIndex(classes: readonly string[], name: string | undefined, pointer: string): number | null {
  if (name === undefined) return null;
  const index = classes.indexOf(name);
  if (index >= 0) return index;
  const nearest = nearestName(name, classes);
  const detail = nearest === null ? 'must be a class of the dataset' : `did you mean ${JSON.stringify(nearest)}?`;
  throw new InvalidInputError('there is no such class', [{ pointer, detail }]);
}

/** The images of a test split for which `isIn` holds, those with the greatest value first, of equal ones in order. */
export function orderImages(
  images: number,
  isIn: (image: number) => boolean,
  value: (image: number) => number,
): Uint32Array {
  const chosen = Uint32Array.from({ length: images }, (_, i) => i).filter(isIn);
  return chosen.sort((a, b) => value(b) - value(a) || a - b);
}

/** A page of ordered images. The cursor names the last image and its value, so that it holds where others are added. */
export function pageOfImages(
  ordered: Uint32Array,
  value: (image: number) => number,
  { sort, cursor, limit }: { sort: string; cursor?: string | undefined; limit: number },
): { data: Uint32Array; nextCursor: string | null } {
  let start = 0;
  if (cursor !== undefined) {
    const after = decodeCursor(sort, cursor);
    const isAfter = (image: number) =>
      value(image) < Number(after.value) || (value(image) === Number(after.value) && image > Number(after.id));
    const found = ordered.findIndex(isAfter);
    start = found === -1 ? ordered.length : found;
  }
  const data = ordered.subarray(start, start + limit);
  const last = data.at(-1);
  const isEnd = last === undefined || start + limit >= ordered.length;
  return { data, nextCursor: isEnd ? null : encodeCursor(sort, { value: value(last), id: String(last) }) };
}
