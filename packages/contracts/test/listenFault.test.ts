import { expect, it } from 'vitest';
import { listenFault } from '../src/listenFault.js';

const listenError = (code: string): Error => Object.assign(new Error('listen'), { code });

it.each([
  ['EACCES', 'TRAINYARD_PORT names port 80, which this user may not open; set it to one above 1023'],
  ['EADDRINUSE', 'TRAINYARD_PORT names port 80, which is in use by another program; set it to a free one'],
  ['EADDRNOTAVAIL', 'TRAINYARD_HOST names ::1, which is no address of this machine; set it to 127.0.0.1, to'],
  ['EAI_AGAIN', 'TRAINYARD_HOST names ::1, which no name server knows; set it to 127.0.0.1, to'],
])('%s names the setting and the remedy', (code, message) => {
  expect(listenFault(listenError(code), { host: '::1', port: 80 })?.message).toContain(message);
});

it('leaves other errors alone', () => {
  expect(listenFault(listenError('EMFILE'), { host: '::1', port: 80 })).toBeNull();
  expect(listenFault('EACCES', { host: '::1', port: 80 })).toBeNull();
});
