import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writePacked } from '@trainyard/datasets';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
  await add('tiny', [2, 3, 3], ['cat', '<b>&"dog"']);
  await add('gray', [2, 3, 1], ['cat', '猫']);
  await add('wide', [1, 65, 3], ['cat', 'dog']);
  await add('huge', [1024, 1024, 1], ['cat', 'dog'], 2);
});
afterAll(() => service.close());

/** A set whose training image n has the values n, n + 1 and so on. */
async function add(name: string, imageShape: [number, number, number], classes: string[], count = 30): Promise<void> {
  const file = service.datasets.shared.file({ name, version: 1 });
  await mkdir(dirname(file), { recursive: true });
  const bytes = imageShape[0] * imageShape[1] * imageShape[2];
  const images = (length: number) => ({
    images: Uint8Array.from({ length: length * bytes }, (_, i) => Math.floor(i / bytes) + (i % bytes)),
    labels: Int32Array.from({ length }, (_, i) => i % 2),
  });
  await writePacked(file, {
    name,
    version: 1,
    classes,
    imageShape,
    source: 'test',
    train: images(count),
    test: images(2),
  });
}

const picture = (path: string) => service.agent.get(`/v1/datasets/${path}`).buffer(true);
const problemOf = async (path: string, status: number) => (await picture(path).expect(status)).body.detail;

describe('the grid of samples', () => {
  const decode = (body: Buffer) => sharp(body).raw().toBuffer({ resolveWithObject: true });

  it('is a PNG with captions, and 304 for whom it has not changed', async () => {
    const { body, headers } = await picture('cifar10/samples.png').expect(200);
    expect(headers).toMatchObject({ 'content-type': 'image/png', 'cache-control': 'private, max-age=10' });
    // Twenty images in two rows, each three times as large.
    expect((await decode(body)).info).toMatchObject({ width: 2 + 10 * 98, height: 2 + 2 * (96 + 32 + 2) });
    await picture('cifar10/samples.png').set('if-none-match', String(headers.etag)).expect(304);
    await picture('cifar10/samples.png?seed=2').set('if-none-match', String(headers.etag)).expect(200);
  });

  it('shows the class and the split that are asked for, page after page', async () => {
    const query = 'tiny/samples.png?count=10&columns=5';
    const pages = [];
    for (const page of [1, 2, 3]) pages.push((await picture(`${query}&page=${page}`).expect(200)).body.toString('hex'));
    expect(new Set(pages).size).toBe(3);
    expect(await problemOf(`${query}&page=4`, 404)).toBe('there is no page 4 of 10 images; 30 images have 3');
    expect(await problemOf(`${query}&page=2&class=cat`, 200)).toBeUndefined();
    expect(await problemOf(`${query}&page=3&class=cat`, 404)).toContain('15 images have 2');
    expect(await problemOf('tiny/samples.png?class=cow', 404)).toContain('no class cow');
    await picture('tiny/samples.png?split=test').expect(200);
    await picture('tiny/samples.png?split=validation').expect(200);
    await picture('tiny/samples.png?split=all').expect(400);
    await picture('gray/samples.png').expect(200);
  });

  it('is refused where it were too large', async () => {
    await picture('huge/samples.png?count=2').expect(200);
    expect(await problemOf('huge/samples.png?count=50', 400)).toMatch(
      /^count: 50 images of 1024x1024 .* ask for fewer$/,
    );
    await picture('cifar10/samples.png?count=400&columns=20').expect(200);
  });
});

describe('the channels of an image', () => {
  const svgOf = async (path: string) => {
    const { body, headers } = await picture(path).expect(200);
    expect(headers['content-type']).toBe('image/svg+xml; charset=utf-8');
    const svg = body.toString();
    const { info } = await sharp(Buffer.from(svg)).png().toBuffer({ resolveWithObject: true });
    return { svg, info };
  };
  const values = (svg: string) => [...svg.matchAll(/>(\d+)<\/text>/g)].map(([, value]) => Number(value));

  it('are red, green and blue with the value of each pixel, in black on light ones', async () => {
    const { svg, info } = await svgOf('tiny/samples/7/channels.svg');
    expect(svg).toContain('<title>train image 7 of tiny: &lt;b&gt;&amp;&quot;dog&quot;</title>');
    expect([...svg.matchAll(/>(red|green|blue)<\/text>/g)].map(([, name]) => name)).toEqual(['red', 'green', 'blue']);
    const red = [0, 3, 6, 9, 12, 15].map((offset) => 7 + offset);
    expect(values(svg)).toEqual([0, 1, 2].flatMap((channel) => red.map((value) => value + channel)));
    expect(svg).toContain(`width="${info.width}" height="${info.height}"`);
    const { svg: other } = await svgOf('tiny/samples/0/channels.svg?split=test');
    expect(values(other)[0]).toBe(0);
  });

  it('are one plane of a gray image', async () => {
    const { svg } = await svgOf('gray/samples/29/channels.svg');
    expect(svg).toContain('>gray</text>');
    expect(values(svg)).toEqual([29, 30, 31, 32, 33, 34]);
  });

  it('are refused for images that are too large, and 404 for those that are not there', async () => {
    expect(await problemOf('wide/samples/0/channels.svg', 400)).toMatch(/^image: it has 65x1 pixels, .*--size 64/);
    expect(await problemOf('tiny/samples/30/channels.svg', 404)).toContain('the images 0 to 29');
    expect(await problemOf('tiny/samples/0/channels.svg?split=validation', 404)).toContain('no images');
    await picture('tiny/samples/-1/channels.svg').expect(400);
    await picture('nothing/samples/0/channels.svg').expect(404);
  });
});
