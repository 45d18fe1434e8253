import { client, clientWith } from './client.js';
import { isUnauthorized, queryClient } from './queryClient.js';

/** Takes the code out of the address, so that neither the history nor a bookmark has it. */
function takeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code !== null) history.replaceState(history.state, '', location.pathname + location.search);
  return code;
}
let code = takeCode();

/** Who is signed in; null: no one. A code in the page's address is used first. */
export async function readSession() {
  try {
    if (code === null) return await client.session();
    const used = code;
    code = null;
    return await client.signIn(used);
  } catch (error) {
    if (isUnauthorized(error)) return null;
    throw error;
  }
}

/** @throws ProblemError for a key that is not known */
export async function signInWith(key: string): Promise<void> {
  queryClient.setQueryData(['session'], await clientWith(key).createSession());
}

export async function signOut(): Promise<void> {
  await client.endSession();
  queryClient.setQueryData(['session'], null);
  // The next to sign in may not see what this one saw.
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
}
