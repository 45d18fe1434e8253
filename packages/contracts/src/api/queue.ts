import { z } from 'zod';

export const queueSchema = z.object({ backend: z.enum(['redis', 'postgres']), waiting: z.int(), active: z.int() });
export type QueueDepth = z.infer<typeof queueSchema>;
