import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');

/**
 * `npm run pack` writes the version into the manifest. In the repository it has none, so that a plain `npm pack`, whose
 * tarball would lack the packages that this one needs, is refused by npm.
 */
export const { version } = z.object({ version: z.string().default('development') }).parse(JSON.parse(manifest));
