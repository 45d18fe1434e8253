import type { Page } from '@trainyard/contracts';
import type { Query } from './http.js';

/** Every item of a list, page after page. */
export async function* allPages<T, Q extends Query & { cursor?: string | undefined }>(
  query: Q,
  get: (query: Q) => Promise<Page<T>>,
): AsyncGenerator<T> {
  let cursor = query.cursor;
  do {
    const page: Page<T> = await get({ ...query, cursor });
    yield* page.data;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
