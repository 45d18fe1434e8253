import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawConfusion } from '#services/charts/confusion.js';
import { drawCurves } from '#services/charts/curves.js';
import { ticks } from '#services/charts/svg.js';
import { finishedJob, metricsOf, resultsOf, startJob } from '../../support/jobs.js';
import { type Service, startService, submit } from '../../support/service.js';

const name = `<script>alert("1")</script> & 'x' \u0001 ${'w'.repeat(60)}`;

let service: Service;
let jobs: string[];
beforeAll(async () => {
  service = await startService();
  jobs = [await finishedJob(service, { name }), await finishedJob(service, {}, 180), await submit(service)];
});
afterAll(() => service.close());

/** Parses and draws it, as a viewer does. @throws where it is no SVG */
const render = async (svg: string) => (await sharp(Buffer.from(svg)).png().toBuffer({ resolveWithObject: true })).info;

const get = async (path: string) => {
  const answer = await service.agent.get(path).buffer(true).expect(200);
  expect(answer.headers['content-type']).toBe('image/svg+xml; charset=utf-8');
  expect(answer.headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'unsafe-inline';.* sandbox$/,
  );
  return answer.body.toString();
};

describe('pictures of jobs', () => {
  it.each([
    ['curves', () => `/v1/jobs/${jobs[0]}/curves.svg`],
    ['confusion matrix', () => `/v1/jobs/${jobs[0]}/confusion.svg`],
    ['comparison', () => `/v1/compare.svg?jobs=${jobs.join(',')}`],
  ])('are drawn with escaped names, a title and a description: %s', async (_, path) => {
    const svg = await get(path());
    const { width, height } = await render(svg);
    expect(svg).toContain(`width="${width}" height="${height}"`);
    expect(svg).toMatch(/<title>[^<]+<\/title>\n<desc>[^<]+<\/desc>/);
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;script&gt;');
    expect(svg).toContain('prefers-color-scheme: dark');
  });

  it('say what is not tested, and are 404 where there is nothing to draw', async () => {
    expect(await get(`/v1/compare.svg?jobs=${jobs.join(',')}`)).toContain('not tested');
    for (const picture of ['curves', 'confusion']) {
      await service.agent.get(`/v1/jobs/${jobs[2]}/${picture}.svg`).expect(404);
    }
    await service.agent.get(`/v1/compare.svg?jobs=${jobs[0]}`).expect(400);
    const { jobId } = await startJob(service);
    await service.agent.get(`/v1/jobs/${jobId}/confusion.svg`).expect(404);
  });
});

describe('curves', () => {
  const epochs = (count: number) => Array.from({ length: count }, (_, i) => ({ ...metricsOf(i + 1), best: i === 0 }));

  it('of one epoch are dots, and of 100,000 epochs small', async () => {
    const one = drawCurves('one', epochs(1));
    expect(one.match(/<circle/g)?.length).toBeGreaterThanOrEqual(4);
    expect(one).not.toContain('<polyline');
    await render(one);
    const many = drawCurves('many', epochs(100_000));
    await render(many);
    expect(many.length).toBeLessThan(100_000);
  });

  it('are interrupted where a value is no number, and drawn where all are equal or none is a number', async () => {
    const all = epochs(5).map((epoch) => (epoch.epoch === 3 ? { ...epoch, validationLoss: Number.NaN } : epoch));
    const svg = drawCurves('broken', all);
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(svg.match(/<polyline/g)).toHaveLength(5);
    const constant = epochs(3).map((epoch) => ({ ...epoch, trainLoss: 0, validationLoss: 0 }));
    const none = epochs(3).map((epoch) => ({
      ...epoch,
      trainLoss: Number.NaN,
      validationLoss: Number.POSITIVE_INFINITY,
    }));
    for (const each of [constant, none]) {
      const drawn = drawCurves('x', each);
      expect(drawn.replace(/<desc>.*<\/desc>/, '')).not.toMatch(/NaN|Infinity/);
      await render(drawn);
    }
  });
});

describe('a confusion matrix', () => {
  it('has the names of classes in any script, a long one with the whole as the title of its beginning', () => {
    const names = ['猫と犬', 'قط', 'แมว', 'Süßwasserschildkröte', '非常に長い名前のカテゴリー', 'e\u0301'.repeat(20)];
    const { classes, ...results } = resultsOf(120);
    const svg = drawConfusion('x', {
      ...results,
      classes: classes.map((each, i) => ({ ...each, class: `${names[i]}` })),
    });
    for (const whole of names.slice(0, 3)) expect(svg).toContain(`>${whole}</text>`);
    for (const [whole, beginning] of [
      ['Süßwasserschildkröte', 'Süßwasserschild…'],
      ['非常に長い名前のカテゴリー', '非常に長い名前…'],
      ['e\u0301'.repeat(20), `${'e\u0301'.repeat(15)}…`],
    ]) {
      expect(svg).toMatch(new RegExp(`<g><title>${whole}</title><text[^>]*>${beginning}</text></g>`));
    }
  });

  it('of 100 classes has a fixed size, and of 1,000 classes less than 3 MB', async () => {
    for (const count of [1, 2, 100, 1000]) {
      const classes = Array.from({ length: count }, (_, i) => ({
        class: `class <${i}>`,
        correct: 7,
        total: 20,
        accuracy: 0.35,
        precision: null,
        recall: 0.35,
        f1: null,
      }));
      const confusion = classes.map((_, i) => classes.map((__, j) => (i === j ? 7 : (i * 7 + j) % 97 === 0 ? 3 : 0)));
      const svg = drawConfusion('x', { ...resultsOf(120), classes, confusion });
      const { width, height } = await render(svg);
      expect(Math.max(width, height)).toBeLessThan(3400);
      expect(svg.length).toBeLessThan(3_000_000);
    }
  });
});

it.each([
  [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0.81, 2.06, [0.5, 1, 1.5, 2, 2.5]],
  [3, 3, [3, 4, 5, 6]],
  [0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
])('ticks of %d to %d are round and cover the range', (low, high, expected) => {
  const found = ticks(low, high);
  expect(found[0]).toBeLessThanOrEqual(low);
  expect(found.at(-1)).toBeGreaterThanOrEqual(high);
  if (low !== high) expect(found).toEqual(expected);
});
