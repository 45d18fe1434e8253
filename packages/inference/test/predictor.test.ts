import { resolveModel } from '@trainyard/architectures';
import { type LayerInput, layerListSchema } from '@trainyard/contracts';
import { encodeOnnx } from '@trainyard/formats';
import { afterAll, describe, expect, it } from 'vitest';
import { provenanceOf, someWeights } from '../../formats/test/models.js';
import { type Images, Predictor } from '../src/index.js';

const shape = [4, 4, 1] as const;

/** A network of one dense layer, of which each call of `load` is counted. */
function denseModel(key: string, layers: LayerInput[] = [{ type: 'flatten' }, { type: 'dense', units: 3 }]) {
  const { model } = resolveModel({ layers: layerListSchema.parse(layers) }, [...shape], 3);
  if (!model) throw new Error('the layers do not fit');
  const bytes = Buffer.concat(encodeOnnx(model, someWeights(model), provenanceOf(model), 'uint8'));
  const source = {
    key,
    loads: 0,
    async load() {
      source.loads++;
      return { kind: 'onnx' as const, bytes };
    },
  };
  const [kernel, bias] = someWeights(model);
  /** Mean 0.5 and standard deviation 0.25, as `provenanceOf` has them. */
  const logits = (pixels: Uint8Array) =>
    [0, 1, 2].map((unit) =>
      pixels.reduce(
        (sum, pixel, i) => sum + ((pixel / 255 - 0.5) / 0.25) * Number(kernel?.data[i * 3 + unit]),
        Number(bias?.data[unit]),
      ),
    );
  return { source, logits };
}

const images = (count: number): Images => ({
  data: Uint8Array.from({ length: count * 16 }, (_, i) => (i * 37) % 256),
  shape: [count, ...shape],
});

describe('a predictor', () => {
  const predictor = new Predictor({ threads: 1, memoryMegabytes: 100, maxCalls: 100 });
  const others: Predictor[] = [];
  const small = (memoryMegabytes: number, maxCalls = 100) => {
    const other = new Predictor({ threads: 1, memoryMegabytes, maxCalls });
    others.push(other);
    return other;
  };
  afterAll(() => Promise.all([predictor, ...others].map((each) => each.close())));

  it('has the logits of the network, and their softmax, for more images than one run takes', async () => {
    const { source, logits } = denseModel('first');
    const batch = images(37);
    const prediction = await predictor.predict(source, batch);
    expect(prediction.classes).toBe(3);
    expect(prediction.logits).toHaveLength(37 * 3);
    for (let i = 0; i < 37; i++) {
      const expected = logits(batch.data.subarray(i * 16, (i + 1) * 16) as Uint8Array);
      const sum = expected.reduce((total, logit) => total + Math.exp(logit), 0);
      for (const [unit, logit] of expected.entries()) {
        expect(prediction.logits[i * 3 + unit]).toBeCloseTo(logit, 3);
        expect(prediction.probabilities[i * 3 + unit]).toBeCloseTo(Math.exp(logit) / sum, 4);
      }
    }
  });

  it('loads a model once for many calls, and again only after it was released for the memory of others', async () => {
    // Room for two of these models, of which each takes a little more than 4 MiB.
    const predictor = small(9);
    const [a, b, c] = [denseModel('a').source, denseModel('b').source, denseModel('c').source];
    const loads = () => [a, b, c].map((source) => source.loads);
    await Promise.all([1, 2, 3].map(() => predictor.predict(a, images(1))));
    await predictor.predict(b, images(1));
    await predictor.predict(a, images(1));
    expect(loads()).toEqual([1, 1, 0]);
    // The one that was not used for longest is b.
    await predictor.predict(c, images(1));
    await predictor.predict(a, images(1));
    expect(loads()).toEqual([1, 1, 1]);
    await predictor.predict(b, images(1));
    expect(loads()).toEqual([1, 2, 1]);
  });

  it('refuses more calls at once than may wait, and a model that is larger than the memory for all', async () => {
    const predictor = small(1, 2);
    const { source } = denseModel('a');
    const results = await Promise.allSettled([1, 2, 3].map(() => predictor.predict(source, images(1))));
    const reasons = results.map((result) => (result.status === 'rejected' ? result.reason : null));
    expect(reasons.map(({ code }) => code)).toEqual(Array(3).fill('unavailable'));
    expect(reasons[0].message).toMatch(/takes about 5 MiB, and all warm models together may take 1 MiB/);
    expect(reasons[2].message).toMatch(/^2 predictions are waiting or running/);
    // A call that failed does not count.
    await expect(predictor.predict(source, images(1))).rejects.toThrow(/takes about/);
  });

  it('says why a model cannot be run, and passes on why it cannot be loaded', async () => {
    const broken = { key: 'x', load: async () => ({ kind: 'onnx' as const, bytes: new Uint8Array(10) }) };
    await expect(predictor.predict(broken, images(1))).rejects.toThrow(/the model cannot be run: /);
    const failing = { key: 'y', load: () => Promise.reject(new Error('the checkpoint is damaged')) };
    await expect(predictor.predict(failing, images(1))).rejects.toThrow('the checkpoint is damaged');
    const { source } = denseModel('a');
    const wrong: Images = { data: new Float32Array(16), shape: [1, ...shape] };
    await expect(predictor.predict(source, wrong)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('starts its thread again after it ended, with the models that are needed', async () => {
    const { source } = denseModel('ended');
    const before = await predictor.predict(source, images(1));
    const { pool } = predictor as unknown as { pool: { threads: { terminate(): Promise<number> }[] } };
    await pool.threads[0]?.terminate();
    const after = await predictor.predict(source, images(1));
    expect(after).toEqual(before);
    expect(source.loads).toBe(2);
  });
});
