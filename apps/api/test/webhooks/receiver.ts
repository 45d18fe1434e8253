import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A receiver of webhooks that answers as `answer` says; its requests are kept in order. */
export async function startReceiver(answer: (response: ServerResponse, received: Received, count: number) => void) {
  const received: Received[] = [];
  const server = createServer(async (message, response) => {
    let body = '';
    for await (const chunk of message) body += chunk;
    const request = { path: message.url ?? '', headers: message.headers, body };
    received.push(request);
    answer(response, request, received.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, received, close };
}

export const ok = (response: ServerResponse) => void response.writeHead(204).end();
