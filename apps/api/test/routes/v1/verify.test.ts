import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Verification } from '@trainyard/contracts';
import { eventually } from '@trainyard/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedJob, startJob } from '../../support/jobs.js';
import { type Service, startService } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const url = (id: string, ref = 'best') => `/v1/jobs/${id}/checkpoints/${ref}`;

async function verified(id: string): Promise<{ verified: boolean; verifications: Verification[] }> {
  return eventually(`the verification of ${id}`, async () => {
    const { body } = await service.agent.get(url(id)).expect(200);
    const isDone = body.verifications.every(({ state }: Verification) => state !== 'running');
    return body.verifications.length > 0 && isDone && body;
  });
}

describe('a verification', () => {
  it('has other programs read the bytes of the downloads, and says so with each of them', async () => {
    // All weights are equal, so that the first class is the answer for each of the 200 images: right for 20.
    const id = await finishedJob(service, {}, 20);
    const before = await service.agent.head(`${url(id)}/download?format=onnx`).expect(200);
    expect(before.headers['trainyard-verified']).toBe('false');
    const sent = await service.agent.post(`${url(id)}/verify`).expect(202);
    expect(sent.body.data).toHaveLength(3);
    expect(sent.headers.location).toBe(url(id));

    const answer = await verified(id);
    expect(answer.verified).toBe(true);
    const shown = answer.verifications.map(({ format, input, reader, state }) => [format, input, reader, state]);
    expect(shown).toEqual([
      ['onnx', 'float32', 'ONNX Runtime', 'verified'],
      ['onnx', 'uint8', 'ONNX Runtime', 'verified'],
      ['tfjs', null, 'TensorFlow.js', 'verified'],
    ]);
    const counts = { images: 200, testImages: 200, correct: 20, expected: 20, tolerance: 0, message: null };
    for (const [i, choice] of ['onnx', 'onnx&input=uint8', 'tfjs'].entries()) {
      expect(answer.verifications[i]).toMatchObject(counts);
      const { headers } = await service.agent.head(`${url(id)}/download?format=${choice}`).expect(200);
      expect(headers.etag).toBe(`"${answer.verifications[i]?.sha256}"`);
      expect(headers['trainyard-verified']).toBe('true');
    }
    const torch = await service.agent.head(`${url(id)}/download?format=torch`).expect(200);
    expect(torch.headers['trainyard-verified']).toBe('false');
  });

  it('says where another number of images is correct, and is made again on demand', async () => {
    const id = await finishedJob(service, {}, 120);
    await service.agent
      .post(`${url(id)}/verify`)
      .send({ images: 'all' })
      .expect(202);
    const { verified: isVerified, verifications } = await verified(id);
    expect(isVerified).toBe(false);
    for (const one of verifications) expect(one).toMatchObject({ state: 'different', correct: 20, expected: 120 });
    const { headers } = await service.agent.head(`${url(id)}/download?format=onnx`).expect(200);
    expect(headers['trainyard-verified']).toBe('false');
    const again = await service.agent.post(`${url(id)}/verify`).expect(202);
    expect(again.body.data.map(({ state }: Verification) => state)).toEqual(['running', 'running', 'running']);
    await verified(id);
  });

  it('is refused after a bit has flipped, with both digests and the checkpoint before it', async () => {
    const id = await finishedJob(service, {}, 20);
    const file = join(service.artifacts.folder(`jobs/${id}/1-2-0`), 'weights.bin');
    const bytes = await readFile(file);
    bytes.writeUInt8(bytes.readUInt8(5000) ^ 8, 5000);
    await writeFile(file, bytes);
    const { detail } = (await service.agent.post(`${url(id)}/verify`).expect(500)).body;
    expect(detail).toContain(`it has ${createHash('sha256').update(bytes).digest('hex')} instead of`);
    expect(detail).toContain('use the checkpoint 1 (after epoch 1), which is intact');
    expect((await service.agent.get(url(id)).expect(200)).body.verifications).toEqual([]);
  });

  it('is refused for what was not tested, before a job has ended, and to readers and other projects', async () => {
    const id = await finishedJob(service, {}, 20);
    const { detail } = (await service.agent.post(`${url(id, '1')}/verify`).expect(409)).body;
    expect(detail).toContain('was not tested');
    const { jobId } = await startJob(service);
    await service.agent.post(`${url(jobId)}/verify`).expect(404);
    await service.agent
      .post(`${url(id)}/verify`)
      .send({ images: 0 })
      .expect(400);
    const { secret } = await service.db.keys.create({ name: 'r', role: 'reader', project: 'default' });
    await service.anonymous
      .post(`${url(id)}/verify`)
      .set({ authorization: `Bearer ${secret}` })
      .expect(403);
    const other = await service.db.keys.create({ name: 'o', role: 'admin', project: 'other' });
    await service.anonymous
      .post(`${url(id)}/verify`)
      .set({ authorization: `Bearer ${other.secret}` })
      .expect(404);
  });
});

describe('the card of a model', () => {
  it('is in zips and alone, with the test and each class', async () => {
    const id = await finishedJob(service);
    const get = (path: string) => service.agent.get(`/v1/jobs/${id}/checkpoints/${path}`).responseType('blob');
    const [card, zip, archive] = await Promise.all(
      ['card', 'tfjs', 'torch'].map((choice) => get(`best/download?format=${choice}`).expect(200)),
    );
    const text = String(card?.body);
    expect(card?.headers['content-disposition']).toContain(`"${id}-epoch-2.md"`);
    expect(text).toContain('- Accuracy: 60.00 % (120 of 200 test images)');
    expect(text).toContain('- Images: 1000 for training, 200 for the test');
    expect(text).toContain('| 2 | 1.0000 | 20.00 % | 1.0500 | 18.18 % |');
    for (const file of [zip, archive]) {
      expect(file?.body.includes('README.md')).toBe(true);
      expect(file?.body.includes(card?.body)).toBe(true);
    }
    expect(String((await get('1/download?format=card').expect(200)).body)).toContain('This checkpoint was not tested.');
  });
});
