import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, requireDatabaseUrl } from '../src/index.js';

describe('the environment', () => {
  it('gives a complete configuration when it is empty', () => {
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
    const config = loadConfig({ TRAINYARD_HOME: '/data/yard' });
    expect(config.folders).toEqual({
      postgres: '/data/yard/postgres',
      datasets: '/data/yard/datasets',
      artifacts: '/data/yard/artifacts',
      logs: '/data/yard/logs',
    });
    expect(config.credentialsFile).toBe('/data/yard/credentials.json');
  });

  it('makes relative paths absolute', () => {
    expect(loadConfig({ TRAINYARD_HOME: 'yard' }).home).toBe(path.resolve('yard'));
    expect(loadConfig({ ARTIFACTS_URL: 'shared/files' }).folders.artifacts).toBe(path.resolve('shared/files'));
    expect(loadConfig({ ARTIFACTS_URL: 'file:///mnt/files' }).folders.artifacts).toBe('/mnt/files');
  });

  it('takes an empty variable for an absent one', () => {
    expect(loadConfig({ DATABASE_URL: '', TRAINYARD_PORT: '' })).toMatchObject({ databaseUrl: null, port: 4600 });
  });

  it.each([
    ['TRAINYARD_PORT', '70000'],
    ['TRAINYARD_PORT', 'http'],
    ['TRAINYARD_THREADS', '0'],
    ['TRAINYARD_THREADS', '1.5'],
    ['TRAINYARD_EXECUTOR', 'torch'],
    ['TRAINYARD_DEVICE', 'cuda:x'],
    ['DATABASE_URL', 'mysql://host/db'],
    ['REDIS_URL', 'host:6379'],
    ['ARTIFACTS_URL', 'ftp://host/files'],
    ['LOG_LEVEL', 'loud'],
    ['TRAINYARD_URL', 'localhost'],
  ])('refuses %s=%s by name', (variable, value) => {
    expect(() => loadConfig({ [variable]: value })).toThrowError(new RegExp(`^${variable} must be`));
  });

  it('says what to do where a database is needed and none is named', () => {
    expect(() => requireDatabaseUrl(loadConfig({}))).toThrowError(
      /^DATABASE_URL is not set; set it, or run `trainyard up`/,
    );
  });
});
