import { TrainyardClient } from '@trainyard/client';

/** Where the service is: the page's `<base>`, also behind a proxy that adds a path. */
export const serviceUrl = document.baseURI;
const send: typeof fetch = (input, init) => fetch(input, init);

/** Sends the session's cookie with each request, and no key. */
export const client = new TrainyardClient({ baseUrl: serviceUrl, apiKey: null, fetch: send });

/** For signing in with a key that was typed; the key is kept nowhere. */
export const clientWith = (apiKey: string) => new TrainyardClient({ baseUrl: serviceUrl, apiKey, fetch: send });
