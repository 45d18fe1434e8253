import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root, show } from './lib/shell.mjs';
import { main, prepare } from './lib/steps.mjs';

/**
 * `node scripts/screenshots.mjs`: the pictures of docs/dashboard.md, of a stack of its own that trains on generated
 * shapes. Needs Debian's Chromium.
 */
main(async () => {
  await prepare();
  const { chromium } = await import('playwright-core');
  const { TrainyardClient } = await import('@trainyard/client');
  const { signInLink, startStack } = await import('@trainyard/embedded');
  const home = await mkdtemp(path.join(tmpdir(), 'trainyard-screenshots-'));
  process.env.TRAINYARD_HOME = home;
  const { loadConfig } = await import('@trainyard/config');
  const entries = {
    api: import.meta.resolve('@trainyard/api/server'),
    worker: import.meta.resolve('@trainyard/worker/main'),
  };
  const stack = await startStack({ settings: loadConfig(), entries, print: console.log, anyPort: true });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const env = { ...process.env, TRAINYARD_URL: stack.url, TRAINYARD_API_KEY: stack.apiKey ?? '' };
    const cli = path.join(root, 'apps/cli/bin/trainyard.js');
    await show(process.execPath, [cli, 'dataset', 'import', 'shapes'], { env });
    const client = new TrainyardClient({ baseUrl: stack.url, apiKey: stack.apiKey });
    /** @type {import('@trainyard/contracts').JobSpecInput} */
    const spec = { dataset: 'shapes', architecture: 'lenet', recipe: 'article', batchSize: 20 };
    const { id } = await client.submit({ ...spec, learningRate: 0.01, epochs: 12, name: 'lenet, rate 0.01' });
    await client.waitForJob(id);
    for (const learningRate of [0.02, 0.005, 0.002]) {
      await client.submit({ ...spec, learningRate, epochs: 60, name: `lenet, rate ${learningRate}` });
    }
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto((await signInLink(stack, null)) ?? stack.url);
    await page.locator('.state.running').waitFor();
    await page.locator('.sparkline').nth(1).waitFor();
    await page.screenshot({ path: path.join(root, 'docs/pictures/dashboard-runs.png'), clip: clipOf(430) });
    await page.getByRole('link', { name: 'lenet, rate 0.01' }).click();
    await page.locator('.confusion').waitFor();
    await page.locator('.u-over').first().waitFor();
    await page.screenshot({ path: path.join(root, 'docs/pictures/dashboard-run.png') });
  } finally {
    await browser.close();
    await stack.stop();
    await rm(home, { recursive: true, force: true });
  }
});

/** @param {number} height of the part that has something in it */
const clipOf = (height) => ({ x: 0, y: 0, width: 1440, height });
