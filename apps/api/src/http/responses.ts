import { problemSchema } from '@trainyard/contracts';
import { z } from 'zod';

const problem = {
  description: 'A problem',
  content: { 'application/problem+json': { schema: problemSchema } },
};

/** Response schemas of a route for the OpenAPI document: what it answers, and that all else is a problem. */
export const answers = <T extends z.ZodType>(schema: T) => ({ 200: schema, default: problem });

/** As `answers`, for what was taken and is not done yet. */
export const accepts = <T extends z.ZodType>(schema: T) => ({ 202: schema, default: problem });

/** As `answers`, for what was made. */
export const creates = <T extends z.ZodType>(schema: T) => ({ 201: schema, default: problem });

/** As `answers`, for what has been done and has nothing more to tell. */
export const answersNothing = (description: string) => ({ 204: z.null().describe(description), default: problem });

/** As `answers`, for what is no JSON, or not only. */
export const answersContent = (description: string, content: Record<string, { schema: z.ZodType }>) => ({
  200: { description, content },
  default: problem,
});
