import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../src/run.js';
import { readDocument } from '../src/spec/readDocument.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';
import { jobId, makeJob } from './support/samples.js';

const text = '{\r\n  "architecture": "lenet",\r\n  "notes": "größer 😀"\r\n}\r\n';
const little = Buffer.from(text, 'utf16le');
const big = Buffer.from(little).swap16();
const mark = Buffer.from('\ufeff');
const littleMark = Buffer.from('\ufeff', 'utf16le');
const bigMark = Buffer.from(littleMark).swap16();

describe('a document in', () => {
  it.each<[string, Buffer]>([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.concat([mark, Buffer.from(text)])],
    ['UTF-16, as PowerShell writes it', Buffer.concat([littleMark, little])],
    ['UTF-16 without a byte order mark', little],
    ['UTF-16 in big endian', Buffer.concat([bigMark, big])],
    ['UTF-16 in big endian without a byte order mark', big],
  ])('%s is read from a file and from standard input', async (_, bytes) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'document-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'spec.json');
    await writeFile(file, bytes);
    const { terminal } = captureTerminal({ input: bytes });
    const expected = { architecture: 'lenet', notes: 'größer 😀' };
    expect(await readDocument(file, terminal)).toEqual(expected);
    expect(await readDocument('-', terminal)).toEqual(expected);
  });

  it.each<[string, Buffer, string]>([
    ['Latin-1', Buffer.from('{"notes": "größer"}', 'latin1'), 'standard input is not text in UTF-8; save it as UTF-8'],
    ['UTF-16 that is cut off', little.subarray(0, 21), 'standard input is not text in UTF-16LE; save it as UTF-8'],
    ['no bytes', Buffer.alloc(0), 'standard input is empty; it must be a JSON or YAML document'],
    ['a byte order mark alone', mark, 'standard input is empty; it must be a JSON or YAML document'],
  ])('%s is refused in words', async (_, input, message) => {
    await expect(readDocument('-', captureTerminal({ input }).terminal)).rejects.toThrow(message);
  });
});

describe('the id of a job', () => {
  it.each([`${jobId}\r`, `${jobId}\n`, ` ${jobId} \t`, `\ufeff${jobId}\r\n`, `\ufffd\ufffd${jobId}`])(
    '%j is read without what is not part of it',
    async (id) => {
      const { env } = await fakeService({
        [`POST /v1/jobs/${jobId}/cancel`]: json(makeJob()),
        [`DELETE /v1/jobs/${jobId}`]: (_, response) => response.writeHead(204).end(),
      });
      for (const verb of ['cancel', 'delete']) expect(await run([verb, id], captureTerminal().terminal, env)).toBe(0);
    },
  );

  it.each(['', ' ', 'job', '../keys', `${jobId} ${jobId}`])('%j is refused before anything is sent', async (id) => {
    const { env, requests } = await fakeService({});
    for (const verb of ['cancel', 'delete', 'show', 'watch', 'download', 'results']) {
      const { terminal, written } = captureTerminal();
      expect(await run([verb, id], terminal, env)).toBe(2);
      expect(written.error).toContain('It must be an id like job_01h…');
    }
    expect(requests).toEqual([]);
  });
});
