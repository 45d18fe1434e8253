import { homedir } from 'node:os';
import path from 'node:path';
import { ConfigError, loadConfig, requireDatabaseUrl } from '@trainyard/config';
import { executorChoiceSchema } from '@trainyard/contracts';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

describe('loading the configuration', () => {
  it('fills in every setting when the environment is empty', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 4600,
      databaseUrl: null,
      executor: 'auto',
      device: 'auto',
    });
    expect(config.threads).toBeGreaterThanOrEqual(1);
  });

  it('puts every folder below TRAINYARD_HOME', () => {
    const config = loadConfig({ TRAINYARD_HOME: '/data/home' });
    expect(config.folders).toEqual({
      postgres: '/data/home/postgres',
      datasets: '/data/home/datasets',
      artifacts: '/data/home/artifacts',
      logs: '/data/home/logs',
    });
    expect(config.credentialsFile).toBe('/data/home/credentials.json');
  });

  it('makes relative paths absolute', () => {
    expect(loadConfig({ TRAINYARD_HOME: 'home' }).home).toBe(path.resolve('home'));
    expect(loadConfig({ ARTIFACTS_URL: 'shared/files' }).folders.artifacts).toBe(path.resolve('shared/files'));
    expect(loadConfig({ ARTIFACTS_URL: 'file:///mnt/files' }).folders.artifacts).toBe('/mnt/files');
  });

  it('takes ~ for the home folder of the user', () => {
    expect(loadConfig({ TRAINYARD_HOME: '~/x' }).home).toBe(path.join(homedir(), 'x'));
    expect(loadConfig({ ARTIFACTS_URL: '~' }).folders.artifacts).toBe(homedir());
    expect(loadConfig({}).home).toBe(path.join(homedir(), '.trainyard'));
  });

  it('names TRAINYARD_HOME where the user has no home folder', () => {
    vi.stubEnv('HOME', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(() => loadConfig({})).toThrow(/^TRAINYARD_HOME cannot be below the home folder of this user, who has none/);
  });

  it.each(['TRAINYARD_HOME', 'ARTIFACTS_URL'])(
    'refuses %s below /proc, where Node.js would try for ever',
    (variable) => {
      expect(() => loadConfig({ [variable]: '/proc/self/../trainyard' })).toThrow(
        new RegExp(`^${variable} cannot be below /proc`),
      );
    },
  );

  it('treats an empty variable as absent', () => {
    expect(loadConfig({ DATABASE_URL: '', TRAINYARD_PORT: '' })).toMatchObject({ databaseUrl: null, port: 4600 });
  });

  it.each([
    ['TRAINYARD_PORT', '70000'],
    ['TRAINYARD_PORT', 'http'],
    ['TRAINYARD_THREADS', '0'],
    ['TRAINYARD_THREADS', '1.5'],
    ['TRAINYARD_COST_PER_HOUR', '-1'],
    ['TRAINYARD_COST_PER_HOUR', '2,50'],
    ['TRAINYARD_COST_PER_HOUR', '1e3'],
    ['TRAINYARD_EXECUTOR', 'torch'],
    ['TRAINYARD_DEVICE', 'cuda:x'],
    ['DATABASE_URL', 'mysql://host/db'],
    ['REDIS_URL', 'host:6379'],
    ['ARTIFACTS_URL', 'ftp://host/files'],
    ['LOG_LEVEL', 'loud'],
    ['TRAINYARD_URL', 'localhost'],
    ['TRAINYARD_PUBLIC_URL', 'example.org/trainyard'],
    ['TRAINYARD_PUBLIC_URL', 'ftp://example.org'],
    ['TRAINYARD_TRUSTED_PROXIES', 'proxy.example.org'],
    ['TRAINYARD_PUBLIC_DOCS', 'no'],
    ['TRAINYARD_TRUSTED_PROXIES', '10.0.0.1, 10.0.0.0/33'],
    ['TRAINYARD_TRUSTED_PROXIES', '10.0.0.0/8/8'],
    ['TRAINYARD_PRIVATE_URLS', 'http://hooks.internal'],
    ['TRAINYARD_PRIVATE_URLS', 'hooks.internal:8080'],
    ['TRAINYARD_PRIVATE_URLS', 'Hooks.internal'],
    ['TRAINYARD_PRIVATE_URLS', '10.0.0.0/33'],
    ['TRAINYARD_PRIVATE_URLS', '10.1'],
  ])('refuses %s=%s and names the variable', (variable, value) => {
    expect(() => loadConfig({ [variable]: value })).toThrowError(new RegExp(`^${variable} must be`));
  });

  it.each([
    ['https://example.org', 'https://example.org'],
    ['https://Example.org:443/', 'https://example.org'],
    ['http://example.org:8080/a/../trainyard/', 'http://example.org:8080/trainyard'],
  ])('takes %s for the public URL %s', (given, publicUrl) => {
    expect(loadConfig({ TRAINYARD_PUBLIC_URL: given })).toMatchObject({ publicUrl });
  });

  it.each([
    ['https://me:secret@example.org/', 'must have no user, password, query and fragment'],
    ['https://example.org/?a=1', 'must have no user, password, query and fragment'],
    ['https://example.org//evil.org', 'must have no empty part in its path'],
    ['https://example.org/v1', 'must have another path than /v1, which the service itself has'],
  ])('refuses the public URL %s: %s', (given, message) => {
    expect(messageOf({ TRAINYARD_PUBLIC_URL: given })).toBe(`TRAINYARD_PUBLIC_URL ${message}`);
  });

  it.each([
    ['https://example.org/', 'must be * or origins like https://example.org, in lower case and without a path; not'],
    ['https://a.example, *', 'must be * or origins like https://example.org, in lower case and without a path; not'],
    ['null', 'must be * or origins like https://example.org, in lower case and without a path; not'],
    ['https://example.org:443', 'must have https://example.org, as browsers send it, instead of'],
    ['https://bücher.example', 'must have https://xn--bcher-kva.example, as browsers send it, instead of'],
  ])('refuses the origin %s', (given, message) => {
    const wrong = given.split(', ').at(-1);
    expect(messageOf({ TRAINYARD_CORS_ORIGINS: given })).toBe(`TRAINYARD_CORS_ORIGINS ${message} ${wrong}`);
  });

  it('reads lists', () => {
    const networks = ['10.0.0.0/8', '::1'];
    expect(loadConfig({ TRAINYARD_TRUSTED_PROXIES: ' 10.0.0.0/8,::1, ' })).toMatchObject({ trustedProxies: networks });
    const hosts = ['10.1.0.0/16', 'fd00::/8', '::1', 'localhost', 'hooks.internal'];
    expect(loadConfig({ TRAINYARD_PRIVATE_URLS: hosts.join(',') })).toMatchObject({ privateUrls: hosts });
    const origins = ['https://example.org', 'http://127.0.0.1:5173', 'chrome-extension://abcdef'];
    expect(loadConfig({ TRAINYARD_CORS_ORIGINS: origins.join(', ') })).toMatchObject({ corsOrigins: origins });
    expect(loadConfig({ TRAINYARD_CORS_ORIGINS: '*' })).toMatchObject({ corsOrigins: ['*'] });
    expect(loadConfig({})).toMatchObject({ trustedProxies: [], corsOrigins: [], publicUrl: null, publicDocs: true });
  });

  it('says what to do where a database is needed and none is set', () => {
    expect(() => requireDatabaseUrl(loadConfig({}))).toThrowError(
      /^DATABASE_URL is not set; set it, or run `trainyard up`/,
    );
  });

  it('accepts exactly the executors that contracts lists', () => {
    for (const executor of executorChoiceSchema.options) {
      expect(loadConfig({ TRAINYARD_EXECUTOR: executor }).executor).toBe(executor);
    }
    const listed = /must be (.*)$/.exec(messageOf({ TRAINYARD_EXECUTOR: 'other' }))?.[1];
    expect(listed?.split(/, | or /)).toEqual(executorChoiceSchema.options);
  });
});

function messageOf(env: NodeJS.ProcessEnv): string {
  try {
    loadConfig(env);
    return 'no error';
  } catch (error) {
    return error instanceof ConfigError ? error.message : String(error);
  }
}
