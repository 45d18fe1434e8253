import { createServer } from 'node:net';
import getPort from 'get-port';

/** Whether a server could listen on this port. */
export function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** A port that is free on the loopback interface. */
export const anyPort = (): Promise<number> => getPort({ host: '127.0.0.1' });
