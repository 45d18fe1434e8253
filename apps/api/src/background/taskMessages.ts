import { importProblemSchema } from '@trainyard/contracts';
import { z } from 'zod';

/** What a process of background work sends to the API: its progress, and one last message of another type. */
export const taskMessageSchema = <P extends z.ZodType, R extends z.ZodType>(progress: P, result: R) =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('progress'), progress }),
    z.object({ type: z.literal('succeeded'), result }),
    z.object({ type: z.literal('failed'), problem: importProblemSchema }),
    z.object({ type: z.literal('stopped') }),
  ]);

export type TaskMessage<P, R> = z.infer<ReturnType<typeof taskMessageSchema<z.ZodType<P>, z.ZodType<R>>>>;
