import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificates {
  /** Of the authority, which no system knows. */
  authority: string;
  /** Of a server on 127.0.0.1 and localhost, and its key. */
  certificate: string;
  key: string;
  remove(): Promise<void>;
}

/** Makes a private authority and a certificate of it, by the program openssl. */
export async function createCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-tls-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args, { cwd: folder });
  const newKey = ['req', '-newkey', 'rsa:2048', '-nodes', '-batch'];
  await openssl(...newKey, '-x509', '-days', '2', '-subj', '/CN=Test CA', '-keyout', 'ca.key', '-out', 'ca.pem');
  await openssl(...newKey, '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr');
  await writeFile(file('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  const sign = ['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
  await openssl(...sign, '-days', '2', '-extfile', 'names', '-out', 'server.pem');
  return {
    authority: file('ca.pem'),
    certificate: file('server.pem'),
    key: file('server.key'),
    remove: () => rm(folder, { recursive: true }),
  };
}
