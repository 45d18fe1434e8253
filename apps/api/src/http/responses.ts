import { problemSchema } from '@trainyard/contracts';
import { z } from 'zod';

/** Response schemas of a route for the OpenAPI document: the response of a success; every other one is a problem. */

const problem = {
  description: 'A problem',
  content: { 'application/problem+json': { schema: problemSchema } },
};

export const okResponse = <T extends z.ZodType>(schema: T) => ({ 200: schema, default: problem });

export const createdResponse = <T extends z.ZodType>(schema: T) => ({ 201: schema, default: problem });

/** For work that was accepted and is not done yet. */
export const acceptedResponse = <T extends z.ZodType>(schema: T) => ({ 202: schema, default: problem });

export const noContentResponse = (description: string) => ({ 204: z.null().describe(description), default: problem });

/** For content of other media types than JSON, or of several. */
export const contentResponse = (description: string, content: Record<string, { schema: z.ZodType }>) => ({
  200: { description, content },
  default: problem,
});
