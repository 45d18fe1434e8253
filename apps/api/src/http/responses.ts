import { problemSchema } from '@trainyard/contracts';
import type { z } from 'zod';

/** Response schemas of a route for the OpenAPI document: what it answers, and that all else is a problem. */
export const answers = <T extends z.ZodType>(schema: T, status: 200 | 202 = 200) => ({
  [status]: schema,
  default: { description: 'A problem', content: { 'application/problem+json': { schema: problemSchema } } },
});

/** As `answers`, for what is no JSON, or not only. */
export const answersContent = (description: string, content: Record<string, { schema: z.ZodType }>) => ({
  200: { description, content },
  default: { description: 'A problem', content: { 'application/problem+json': { schema: problemSchema } } },
});
