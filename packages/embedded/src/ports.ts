import { once } from 'node:events';
import { createServer } from 'node:net';
import getPort from 'get-port';

/** Listens on this address for a moment. @throws the error of the system when that fails. */
export async function tryPort(port: number, host: string): Promise<void> {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

/** A port that is free on the loopback interface. */
export const anyPort = (): Promise<number> => getPort({ host: '127.0.0.1' });
