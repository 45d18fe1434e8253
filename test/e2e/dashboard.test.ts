import { existsSync } from 'node:fs';
import {
  createHome,
  type EmbeddedStack,
  type Home,
  longSpec,
  quickSpec,
  startEmbedded,
  waitForEnd,
} from '@trainyard/test-kit/service';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((program) => existsSync(program));
if (!executablePath) console.warn('SKIPPED: the dashboard in a browser; there is no Chromium here');

let home: Home;
let stack: EmbeddedStack;
let browser: Browser;
let link: string;

/** What a browser reports as an error, and requests to other places: nothing is expected. */
const faults: string[] = [];

async function newPage(): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  page.on('console', (message) => {
    // The browser reports answers of 401, before the sign-in, and of 400, for a wrong filter.
    if (message.type() === 'error' && !/status of 40[01]/.test(message.text())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${stack.url}/`)) faults.push(request.url());
  });
  return page;
}

const epochsShown = async (page: Page): Promise<number> =>
  Number(await page.locator('figure[data-epochs]').first().getAttribute('data-epochs'));

describe.skipIf(!executablePath)('the dashboard', () => {
  beforeAll(async () => {
    home = await createHome();
    stack = await startEmbedded(home);
    link = (await stack.up.line(/#code=/)).split(' ').at(-1) ?? '';
    // Chromium refuses its sandbox to root.
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    await home?.remove();
  });

  it('signs in by the link, shows runs as they train, and finds its place again', async () => {
    const { id: ended } = await stack.client.submit({ ...quickSpec, name: 'first' });
    await waitForEnd(stack.client, ended);
    const page = await newPage();
    await page.goto(link);
    await page.getByRole('link', { name: 'first' }).waitFor();
    expect(page.url()).toBe(`${stack.url}/runs`);
    await stack.client.submit({ ...longSpec, name: 'second', experiment: 'night' });
    await page.getByRole('link', { name: 'second' }).waitFor();

    await page.getByRole('searchbox').fill('experiment = night AND');
    await page.getByRole('searchbox').press('Enter');
    await page.locator('#filter-fault mark').waitFor();
    await page.getByRole('searchbox').fill('experiment = night');
    await page.getByRole('searchbox').press('Enter');
    await page.getByRole('link', { name: 'first' }).waitFor({ state: 'detached' });
    const filtered = page.url();
    expect(filtered).toContain('filter=experiment');

    await page.getByRole('link', { name: 'second' }).click();
    await page.locator('figure[data-epochs]').first().waitFor();
    const before = await epochsShown(page);
    await page.locator(`figure[data-epochs]:not([data-epochs="${before}"])`).first().waitFor();
    expect(await epochsShown(page)).toBeGreaterThan(before);
    await page.reload();
    await page.getByRole('heading', { name: 'second' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.locator('h1 .state.cancelled').waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'second' }).waitFor();
    expect(page.url()).toBe(filtered);
    expect(await page.getByRole('link', { name: 'first' }).count()).toBe(0);

    await page.goto(`${stack.url}/runs/${ended}`);
    await page
      .getByText(/^\d+\/\d+$/)
      .first()
      .waitFor();
    await page.getByRole('table', { name: /Confusion matrix/ }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    expect(faults).toEqual([]);
  });

  it('takes a link once; with the key of a reader it has no button that changes something', async () => {
    const page = await newPage();
    await page.goto(link);
    const key = page.getByLabel('API key');
    await key.fill('ty_nonsense');
    await key.press('Enter');
    await page.getByText('this API key is not known here').waitFor();
    const reader = await stack.client.createKey({ name: 'anna', role: 'reader' });
    await key.fill(reader.secret);
    await key.press('Enter');
    await page.getByRole('link', { name: 'first' }).waitFor();
    expect(await page.getByRole('button', { name: 'Cancel' }).count()).toBe(0);
    expect(await page.getByRole('checkbox').count()).toBe(0);
    const kept = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])');
    expect(kept).toBe('[{},{},""]');
    expect(faults).toEqual([]);
  });
});
