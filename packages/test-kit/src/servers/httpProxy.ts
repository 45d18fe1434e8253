import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

export interface HttpProxyOptions {
  /** Path below which the service is, without a slash at its end. */
  path: string;
  /** Whether the path is taken off before a request is passed on: proxies do either. */
  strips: boolean;
}

export interface HttpProxy {
  /** Of the service, behind the proxy. */
  url: string;
  stop(): Promise<void>;
}

/**
 * A reverse proxy on 127.0.0.1 that has a service below a path, and sends the usual `X-Forwarded-` headers. Other paths
 * are answered with 404.
 *
 * @param target port of the service on 127.0.0.1.
 */
export async function startHttpProxy(target: number, { path, strips }: HttpProxyOptions): Promise<HttpProxy> {
  const server = createServer((incoming, response) => {
    const { method, url = '/', headers, socket } = incoming;
    const rest = url.slice(path.length);
    if (!url.startsWith(path) || !/^($|[/?])/.test(rest)) return void response.writeHead(404).end();
    const stripped = rest.startsWith('/') ? rest : `/${rest}`;
    const given = headers['x-forwarded-for'];
    const forwarded = {
      'x-forwarded-for': [given, socket.remoteAddress].filter(Boolean).join(', '),
      'x-forwarded-host': headers.host,
      'x-forwarded-proto': 'http',
      'x-forwarded-prefix': path,
    };
    const options = {
      port: target,
      host: '127.0.0.1',
      method,
      path: strips ? stripped : url,
      headers: { ...headers, ...forwarded },
    };
    const outgoing = request(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, response, () => {});
    });
    outgoing.on('error', () => response.destroy());
    pipeline(incoming, outgoing, () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
