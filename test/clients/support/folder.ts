import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EmbeddedStack } from '@trainyard/test-kit/service';
import { onTestFinished } from 'vitest';

/** A folder outside the repository with the OpenAPI document of a service, as a user downloads it. */
export async function useFolder({ url, apiKey }: EmbeddedStack): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-clients-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const response = await fetch(`${url}/openapi.json`, { headers: { authorization: `Bearer ${apiKey}` } });
  await writeFile(path.join(folder, 'openapi.json'), await response.text());
  return folder;
}
