import { image } from '../makeArchives.js';
import type { LayoutExample } from './example.js';

/** The content of each file of an example, with a different small image for each null. */
export async function filesOf({ files }: Pick<LayoutExample, 'files'>): Promise<Record<string, Buffer>> {
  const contents: Record<string, Buffer> = {};
  let number = 0;
  for (const [path, content] of Object.entries(files)) {
    number++;
    contents[path] = content === null ? await image('png', [number, 100, 200]) : Buffer.from(content);
  }
  return contents;
}
