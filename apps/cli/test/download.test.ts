import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService } from './support/fakeService.js';
import { jobId } from './support/samples.js';

const content = Buffer.from('weights '.repeat(10_000));
const digest = createHash('sha256').update(content).digest('hex');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'download-'));
});

async function download(argv: string[], { body = content, name = 'lenet.zip' } = {}) {
  const { env, requests } = await fakeService({
    [`GET /v1/jobs/${jobId}/checkpoints/best/download`]: (_, response) => {
      response.writeHead(200, {
        'content-length': body.length,
        'content-disposition': `attachment; filename="${name}"`,
        etag: `"${digest}"`,
      });
      response.end(body);
    },
  });
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { terminal, written } = captureTerminal();
  return { code: await run(['download', jobId, ...argv], terminal, env), written, requests };
}

it('a checkpoint is written under the service’s name and its digest is printed', async () => {
  const { code, written, requests } = await download(['-o', folder, '--format', 'safetensors']);
  expect(code).toBe(0);
  expect(requests[0]?.url).toContain('format=safetensors');
  expect(written.out).toBe(`${path.join(folder, 'lenet.zip')}  80.0 kB  sha256 ${digest}\n`);
  expect(await readFile(path.join(folder, 'lenet.zip'))).toEqual(content);
});

it('an ONNX model for pixels is asked for by name', async () => {
  const { requests } = await download(['-o', folder, '--format', 'onnx', '--input', 'uint8']);
  expect(requests[0]?.url).toContain('?format=onnx&input=uint8');
});

it('a damaged download leaves no file', async () => {
  const { code, written } = await download(['-o', folder], { body: Buffer.from(content).fill(1, 0, 1) });
  expect(code).toBe(4);
  expect(written.error).toContain('the download is damaged');
  expect(await readdir(folder)).toEqual([]);
});

it('a file that is there is replaced only with --force', async () => {
  const file = path.join(folder, 'model.zip');
  await writeFile(file, 'mine');
  expect((await download(['-o', file])).code).toBe(2);
  expect(await readFile(file, 'utf8')).toBe('mine');
  expect((await download(['-o', file, '--force'])).code).toBe(0);
  expect(await readFile(file)).toEqual(content);
});

it('a name with folders cannot leave the folder', async () => {
  expect((await download(['-o', folder], { name: '../../evil.zip' })).code).toBe(0);
  expect(await readdir(folder)).toEqual(['evil.zip']);
});

it('- writes the bytes to standard output and nothing else', async () => {
  const { written } = await download(['-o', '-']);
  expect(written.out).toBe(content.toString('latin1'));
});

it('a download whose checkpoint moves on when the connection breaks starts again', async () => {
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const later = Buffer.from('WEIGHTS '.repeat(12_000));
  let answers = 0;
  const { env } = await fakeService({
    [`GET /v1/jobs/${jobId}/checkpoints/best/download`]: (_, response) => {
      const body = answers++ === 0 ? content : later;
      response.writeHead(200, {
        'content-length': body.length,
        'content-disposition': `attachment; filename="epoch-${answers}.zip"`,
        etag: `"${createHash('sha256').update(body).digest('hex')}"`,
      });
      if (body === later) response.end(body);
      else response.write(body.subarray(0, 50_000), () => setTimeout(() => response.destroy(), 50));
    },
  });
  const { terminal, written } = captureTerminal();
  expect(await run(['download', jobId, '-o', folder], terminal, env)).toBe(0);
  expect(await readdir(folder)).toEqual(['epoch-3.zip']);
  expect(await readFile(path.join(folder, 'epoch-3.zip'))).toEqual(later);
  expect(written.error).toBe('epoch-1.zip is not what the service has now; downloading from the start again\n');
});

it('a download that is stopped leaves no file and ends with 130', async () => {
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { env } = await fakeService({
    [`GET /v1/jobs/${jobId}/checkpoints/best/download`]: (_, response) => {
      response.writeHead(200, { 'content-length': content.length, etag: `"${digest}"` });
      response.write(content.subarray(0, 50_000), () => setTimeout(() => process.emit('SIGINT'), 50));
    },
  });
  const { terminal, written } = captureTerminal();
  expect(await run(['download', jobId, '-o', folder], terminal, env)).toBe(130);
  expect(await readdir(folder)).toEqual([]);
  expect(written.error).toBe('the download was stopped; nothing of it is left\n');
});
