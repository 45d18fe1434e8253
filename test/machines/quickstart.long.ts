import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Conditions, createCheckout, quickstart } from './checkout.js';

if (process.getuid?.() !== 0) throw new Error('these tests need root: they run the checkout as other users');

let checkout: Awaited<ReturnType<typeof createCheckout>>;
beforeAll(async () => {
  checkout = await createCheckout();
});
afterAll(() => checkout?.remove());

const isTrained = { code: 0, output: expect.stringMatching(/accuracy/i) };

describe.sequential('the quickstart trains', () => {
  // The first of them installs and builds.
  test.each<[string, Conditions]>([
    ['with npm that leaves optional packages out and insists on engines', { env: strictNpm() }],
    [
      'with noise on standard error',
      { env: { NODE_EXTRA_CA_CERTS: '/missing.pem', NODE_OPTIONS: '--trace-warnings' } },
    ],
    ['with a folder for temporary files that does not exist', { env: { TMPDIR: '/nonexistent' } }],
    ["with the variables of another database's client", { env: { PGSSLMODE: 'require', PGHOST: 'db.invalid' } }],
    ['with a compiler behind another program, and nothing to compile', { env: { CXX: 'env g++' } }],
    ['in a time zone and a locale that this machine lacks', { env: { TZ: 'Asia/Kolkata', LC_ALL: 'tr_TR.UTF-8' } }],
  ])('%s', async (_name, conditions) => {
    expect(await quickstart(checkout.folder, conditions)).toMatchObject(isTrained);
  });

  test('where root works with umask 077', async () => {
    const closed = await createCheckout({ umask: '077' });
    try {
      expect(await quickstart(closed.folder, { umask: '077' })).toMatchObject(isTrained);
    } finally {
      await closed.remove();
    }
  });
});

describe.sequential('the quickstart says in one sentence', () => {
  test.each<[string, Conditions, RegExp]>([
    ['that a user needs a name', { uid: 4242 }, /DATABASE_URL.*\/etc\/passwd/],
    ['that it may open too few files', { within: 'ulimit -n 64;' }, /ulimit -n/],
    ['that it may use too little memory', { within: 'ulimit -v 4194304;' }, /ulimit -v/],
    ['that the port is none', { env: { TRAINYARD_PORT: '80000' } }, /TRAINYARD_PORT/],
    ['that it cannot write its home', { env: { TRAINYARD_HOME: '/dev/null/home' } }, /TRAINYARD_HOME/],
  ])('%s', async (_name, conditions, sentence) => {
    const { code, output } = await quickstart(checkout.folder, conditions);
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/^ {4}at /m);
    expect(code).not.toBe(0);
  });
});

/** A hardening that companies use. */
function strictNpm(): NodeJS.ProcessEnv {
  return { npm_config_omit: 'optional', npm_config_engine_strict: 'true' };
}
