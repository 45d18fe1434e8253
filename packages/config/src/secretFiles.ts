import { readFileSync } from 'node:fs';
import { ConfigError } from './configError.js';

/** The variables that contain secrets. `NAME_FILE` names a file that has the value, as secrets of containers are. */
const secrets = ['DATABASE_URL', 'REDIS_URL', 'TRAINYARD_API_KEY'];

/**
 * Replaces each `NAME_FILE` of a secret by `NAME` with the content of that file, without the line breaks at its end.
 * @throws ConfigError where both are given, and where the file cannot be read, is empty or has more than one line.
 */
export function readSecretFiles(env: Record<string, string | undefined>): Record<string, string | undefined> {
  const result = { ...env };
  for (const name of secrets) {
    const variable = `${name}_FILE`;
    const file = env[variable];
    if (file === undefined) continue;
    if (env[name] !== undefined) throw new ConfigError(variable, `and ${name} are both set; leave one of them out`);
    result[name] = readSecret(variable, file);
    delete result[variable];
  }
  return result;
}

function readSecret(variable: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(variable, `names a file that cannot be read (${code}): ${file}`);
  }
  const value = text.replace(/[\r\n]+$/, '');
  if (value === '') throw new ConfigError(variable, `names a file that is empty: ${file}`);
  if (/[\r\n]/.test(value)) {
    throw new ConfigError(variable, `names a file with several lines; it must have the value alone: ${file}`);
  }
  return value;
}
