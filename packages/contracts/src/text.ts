import { z } from 'zod';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the NUL character is what it looks for
const noNul = /^[^\u0000]*$/;

/** Text that is stored: Postgres stores no NUL. */
export const textSchema = z.string().regex(noNul, 'must have no NUL character');
