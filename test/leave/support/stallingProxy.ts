import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StallingProxy {
  url: string;
  /** Method and path of every request since the start, or since `stallAfter`. */
  readonly seen: string[];
  /**
   * Resolves when the service has answered so many more requests, of which the last one's answer, and all later ones,
   * are never passed on: who waits for it is in the middle of a request then. Infinity: all are.
   */
  stallAfter(requests: number): Promise<void>;
  close(): Promise<void>;
}

/** Passes requests on to a service, until it stalls. */
export async function stallingProxy(target: string): Promise<StallingProxy> {
  const seen: string[] = [];
  let left = Number.POSITIVE_INFINITY;
  let reached = (): void => {};
  const server = createServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    seen.push(`${method} ${url}`);
    left -= 1;
    const isPassed = left > 0;
    const onward = request(new URL(url, target), { method, headers }, (answer) => {
      if (isPassed) outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      if (isPassed) answer.pipe(outgoing);
      else answer.resume().once('end', reached);
    });
    onward.once('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stallAfter(requests) {
      seen.length = 0;
      left = requests;
      return new Promise((resolve) => {
        reached = resolve;
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
