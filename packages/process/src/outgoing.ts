import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, type Dispatcher, interceptors } from 'undici';

/*
 * Requests to URLs that users give. Somebody who may name a URL must not reach what only this machine can reach: the
 * metadata service of a cloud, a database on the private network, the API itself.
 */

/** A request that is not sent; the message continues the sentence "<url> ...". */
export class RefusedRequestError extends Error {
  override readonly name = 'RefusedRequestError';
}

export interface OutgoingOptions {
  /**
   * Whether addresses of this machine and of private networks are allowed too: all of them, as on a command line, or
   * these addresses and ranges (`10.1.0.0/16`), and whatever these host names in lower case lead to. Default false.
   */
  allowPrivate?: boolean | readonly string[];
  /** Redirects that are followed. Default 5. */
  maxRedirections?: number;
  /** Milliseconds without a connection, without headers or without a byte of the body. Default 30,000. */
  stallMs?: number;
}

/**
 * For undici's `request`, or for `fetch` with `redirect: 'manual'`. Every request, also that after a redirect, is
 * checked, and connects to the very address that was checked: a second answer of the name server changes nothing.
 * A request that is refused rejects with a RefusedRequestError, or with an error whose `cause` is one.
 */
export function checkedDispatcher(options: OutgoingOptions = {}): Dispatcher {
  const { allowPrivate = false, maxRedirections = 5, stallMs = 30_000 } = options;
  const agent = new Agent({
    connect: { timeout: stallMs, lookup: checkedLookup(allowPrivate) },
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
  });
  // The redirects are outermost, so that each of them passes the check.
  return agent.compose(
    (dispatch) => (request, handler) => {
      checkUrl(new URL(request.path, request.origin), allowPrivate);
      return dispatch(request, handler);
    },
    interceptors.redirect({ maxRedirections }),
  );
}

/**
 * What can be said of a URL without asking a name server.
 * @throws RefusedRequestError
 */
export function checkUrl(url: URL, allowPrivate: OutgoingOptions['allowPrivate'] = false): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new RefusedRequestError('does not begin with http:// or https://');
  }
  if (url.username !== '' || url.password !== '') {
    throw new RefusedRequestError('contains a user name or a password; leave them out');
  }
  // Node looks up names alone: an address in the URL would not pass checkedLookup.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) checkAddress(host, host, allowPrivate);
}

/** IPv4-compatible addresses of IPv6, deprecated, which ipaddr.js counts as unicast. */
const unlisted = ['::/96'];

/** @throws RefusedRequestError unless the address is one of the public Internet, or allowed */
function checkAddress(address: string, host: string, allowPrivate: boolean | readonly string[]): void {
  if (allowPrivate === true) return;
  // `process` reads an IPv4 address that is written as IPv6 (::ffff:127.0.0.1) as what it is.
  const parsed = ipaddr.process(address);
  // All ranges with a purpose of their own have another name: loopback, private, linkLocal, multicast, 6to4, and so on.
  if (parsed.range() === 'unicast' && !isWithin(parsed, unlisted)) return;
  if (allowPrivate !== false && (allowPrivate.includes(host) || isWithin(parsed, allowPrivate))) return;
  const which = address === host ? address : `${host} (${address})`;
  throw new RefusedRequestError(`leads to ${which}, which is no address of the public Internet`);
}

/** @param ranges others than addresses and networks, which are names, have no address in them */
function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, ranges: readonly string[]): boolean {
  return ranges.some((text) => {
    const range = isIP(text) === 0 ? text : `${text}/${isIP(text) === 4 ? 32 : 128}`;
    if (!ipaddr.isValidCIDR(range)) return false;
    const [start, bits] = ipaddr.parseCIDR(range);
    return start.kind() === address.kind() && address.match(start, bits);
  });
}

/** The name server's answer, or an error where one of its addresses is not allowed. */
function checkedLookup(allowPrivate: boolean | readonly string[]): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) return done(error ?? new Error(`${host} has no address`), '');
      try {
        for (const { address } of addresses) checkAddress(address, host, allowPrivate);
      } catch (refusal) {
        return done(refusal as Error, '');
      }
      if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}
