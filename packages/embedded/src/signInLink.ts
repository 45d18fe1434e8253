import type { Stack } from './stack.js';

const seconds = 10;

/**
 * A link to the dashboard that signs in once, in the next ten minutes, with the rights of the stack's key. Null: the
 * stack has no key, or one that the service does not take.
 */
export async function signInLink({ url, apiKey }: Stack, publicUrl: string | null): Promise<string | null> {
  if (apiKey === null) return null;
  const answer = await fetch(`${url}/v1/session/codes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}` },
    signal: AbortSignal.timeout(seconds * 1000),
  }).catch(() => null);
  if (!answer?.ok) return null;
  const { code } = (await answer.json()) as { code: string };
  // Behind `#`, so that no server and no log gets it.
  return `${publicUrl ?? url}/sign-in#code=${code}`;
}
