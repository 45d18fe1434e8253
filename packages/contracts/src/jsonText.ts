import { z } from 'zod';

/** JSON text whose value `schema` accepts; text that is not JSON is an issue like any other. */
export const jsonText = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: `is not JSON: ${error instanceof Error ? error.message : error}` });
        return z.NEVER;
      }
    })
    .pipe(schema);
