/** MLflow's own server, on a database of its own beside ours. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import pg from 'pg';
import { jsonOf } from '../shared/children.js';
import { UsageError } from '../shared/usage.js';

export interface MlflowServer {
  url: string;
  databaseUrl: string;
  pid: number;
  stop(): Promise<void>;
}

export interface MlflowVersions {
  mlflow: string;
  python: string;
  sqlalchemy: string;
}

const startSeconds = 180;

/** @throws UsageError where the Python lacks the packages */
export async function mlflowVersions(python: string): Promise<MlflowVersions> {
  const code = `import json, platform, psycopg2, mlflow.version, sqlalchemy
print(json.dumps({"mlflow": mlflow.version.VERSION, "python": platform.python_version(),
  "sqlalchemy": sqlalchemy.__version__}))`;
  return jsonOf<MlflowVersions>(python, ['-c', code]).catch((error: Error) => {
    throw new UsageError(`${error.message}\nneeded: <venv>/bin/pip install 'mlflow==3.17.*' psycopg2-binary`);
  });
}

/** @param databaseUrl of the Postgres server, in which the database `mlflow` is created */
export async function startMlflow(python: string, databaseUrl: string): Promise<MlflowServer> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('CREATE DATABASE mlflow').finally(() => client.end());
  const own = new URL(databaseUrl);
  own.pathname = '/mlflow';
  const port = await getPort({ host: '127.0.0.1' });
  const folder = mkdtempSync(path.join(tmpdir(), 'trainyard-bench-mlflow-'));
  // SQLAlchemy's own choice of a driver depends on its version.
  const store = own.href.replace(/^postgresql:/, 'postgresql+psycopg2:');
  const places = ['--backend-store-uri', store, '--artifacts-destination', folder];
  const args = ['-m', 'mlflow', 'server', ...places, '--host', '127.0.0.1', '--port', String(port)];
  const child = spawn(python, args, {
    // A group of its own, which the processes that it starts belong to as well.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_DISABLE_TELEMETRY: 'true' },
  });
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await healthy(url, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, databaseUrl: own.href, pid: child.pid ?? 0, stop };
}

async function healthy(url: string, child: ChildProcess): Promise<void> {
  const end = Date.now() + 1000 * startSeconds;
  while (Date.now() < end && child.exitCode === null) {
    const answer = await fetch(`${url}/health`).catch(() => null);
    if (answer?.ok) return;
    await sleep(250);
  }
  throw new Error(`MLflow's server ${child.exitCode === null ? `did not answer within ${startSeconds} s` : 'ended'}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGTERM');
  await Promise.race([ended, sleep(10_000)]);
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // None of the group is left.
  }
}
