import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

type Handler = (request: SeenRequest, response: ServerResponse) => void;

/** An HTTP server that answers `METHOD /path` from a table; anything else is a 404 problem. Closed with the test. */
export async function fakeService(routes: Record<string, Handler>) {
  const requests: SeenRequest[] = [];
  const server = createServer(async (message, response) => {
    let body = '';
    for await (const chunk of message) body += chunk;
    const request = { method: message.method ?? '', url: message.url ?? '', headers: message.headers, body };
    requests.push(request);
    const route = routes[`${request.method} ${request.url.split('?')[0]}`];
    if (route) route(request, response);
    else problem(404, 'not_found', 'it does not exist')(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, requests, env: { TRAINYARD_URL: url, TRAINYARD_API_KEY: 'secret', TRAINYARD_HOME: '/nonexistent' } };
}

export const json =
  (value: unknown, status = 200): Handler =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };

export const problem =
  (status: number, code: string, detail: string, errors: unknown[] = []): Handler =>
  (_, response) => {
    const body = { type: `/problems/${code}`, title: code, status, detail, code, errors };
    response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body));
  };

/** A stream of events that ends as a finished job's does. */
export const events =
  (list: { sequence: number }[]): Handler =>
  (request, response) => {
    const after = Number(request.headers['last-event-id'] ?? 0);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of list.filter(({ sequence }) => sequence > after))
      response.write(`id: ${event.sequence}\ndata: ${JSON.stringify(event)}\n\n`);
    response.end('event: end\ndata: {}\n\n');
  };
