import { z } from 'zod';
import { apiKeyIdSchema } from '../ids.js';
import { roleSchema } from './keys.js';

/** Whose rights a request has: those of a key, sent with the request or behind the session of a browser. */
export const sessionSchema = z.object({
  keyId: apiKeyIdSchema,
  /** Of the key. */
  name: z.string(),
  role: roleSchema,
  project: z.string(),
});
export type Session = z.infer<typeof sessionSchema>;

/** For one sign-in, in the next ten minutes. */
export const signInCodeSchema = z.object({ code: z.string(), expiresAt: z.iso.datetime() });
export type SignInCode = z.infer<typeof signInCodeSchema>;

export const signInBodySchema = z.strictObject({
  /** The code of a link such as `http://127.0.0.1:4600/sign-in#code=…`. */
  code: z.string().min(1).max(100),
});
export type SignInBody = z.infer<typeof signInBodySchema>;
