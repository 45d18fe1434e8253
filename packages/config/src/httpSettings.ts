import { isIP } from 'node:net';
import { z } from 'zod';

/*
 * Settings of how the service is reached: through proxies and from browsers. Each is checked at the start, since a
 * wrong one shows only where a browser or a proxy refuses an answer.
 */

/** First parts of the service's own paths: below a base path like one of these, a request would be ambiguous. */
const ownPaths = ['v1', 'docs', 'openapi.json', 'healthz', 'readyz', 'metrics'];

function faultOfPublicUrl(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return 'must be a URL like https://example.org/trainyard';
  if (url.username !== '' || /[?#]/.test(text)) return 'must have no user, password, query and fragment';
  if (url.pathname.includes('//')) return 'must have no empty part in its path';
  const [, first = ''] = url.pathname.split('/');
  return ownPaths.includes(first) ? `must have another path than /${first}, which the service itself has` : null;
}

/** Without a slash at its end. */
export const publicUrl = checked(faultOfPublicUrl).transform((text) => new URL(text).href.replace(/\/$/, ''));

function faultOfOrigin(text: string): string | null {
  const match = /^([a-z][a-z0-9+.-]*):\/\/[^\s/?#@]+$/.exec(text);
  if (!match) return `must be * or origins like https://example.org, in lower case and without a path; not ${text}`;
  // Other schemes, like that of a browser's extension, have no origin by the rules of URLs.
  if (!/^https?$/.test(match[1] ?? '')) return null;
  if (!URL.canParse(text)) return `has ${text}, which is no URL`;
  const { origin } = new URL(text);
  return origin === text ? null : `must have ${origin}, as browsers send it, instead of ${text}`;
}

/** Separated by commas; `*` alone: every origin. */
export const origins = list((texts) => {
  if (texts.length === 1 && texts[0] === '*') return null;
  return firstFault(texts, faultOfOrigin);
});

function faultOfNetwork(text: string): string | null {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = { 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
  return rest.length === 0 && bits > 0 && isPrefix
    ? null
    : `must be addresses or networks like 10.0.0.7, 10.0.0.0/8, ::1, separated by commas; not ${text}`;
}

/** IP addresses and networks, separated by commas. */
export const networks = list((texts) => firstFault(texts, faultOfNetwork));

/** As browsers write it: what a URL has for a host is compared with it. */
function faultOfHost(text: string): string | null {
  if (faultOfNetwork(text) === null) return null;
  const isName = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(text) && URL.canParse(`http://${text}`);
  if (isName && new URL(`http://${text}`).hostname === text) return null;
  return `must be networks, addresses or hosts like 10.1.0.0/16, ::1, hooks.internal, separated by commas; not ${text}`;
}

/** IP addresses, networks and host names in lower case, separated by commas. */
export const hosts = list((texts) => firstFault(texts, faultOfHost));

/** @param faultOf returns what is wrong with a text, or null. */
function checked(faultOf: (text: string) => string | null) {
  return z.string().superRefine((text, context) => {
    const message = faultOf(text);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });
}

function split(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

function list(faultOf: (texts: string[]) => string | null) {
  return checked((text) => faultOf(split(text))).transform(split);
}

const firstFault = (texts: string[], faultOf: (text: string) => string | null): string | null =>
  texts.map(faultOf).find((fault) => fault !== null) ?? null;
