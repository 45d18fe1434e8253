import { EnvHttpProxyAgent, fetch } from 'undici';

/** As curl and most other programs read them from the environment; null: not set. */
export interface ProxySettings {
  http: string | null;
  https: string | null;
  /** Hosts that are reached directly, separated by commas; `*`: all. */
  none: string | null;
}

/** This machine is never reached through a proxy, which would reach its own instead. */
const loopback = 'localhost,127.0.0.1,::1';

/**
 * A fetch that goes through these proxies. Node's own knows them from version 24 on, and then only if it is asked to.
 * @throws TypeError for a proxy that is no URL.
 */
export function proxiedFetch({ http, https, none }: ProxySettings): typeof globalThis.fetch {
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: http ?? '',
    httpsProxy: https ?? '',
    noProxy: none === '*' ? none : [loopback, none].filter(Boolean).join(','),
    // Plain HTTP is forwarded, as proxies expect it: many open tunnels to port 443 alone.
    proxyTunnel: false,
  });
  // The types of undici and of Node's own copy of it differ in names alone.
  return ((url: never, init: object) => fetch(url, { ...init, dispatcher })) as unknown as typeof globalThis.fetch;
}
