import type { CheckpointRef } from '@trainyard/client';
import { aliasNameSchema, apiKeyIdSchema, checkpointRefSchema, jobIdSchema } from '@trainyard/contracts';
import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';

/** Commander's parsers of option values; what they throw becomes a usage error. */

export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

export function parseWholeNumber(text: string): number {
  const value = parseNumber(text);
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

export function parsePort(text: string): number {
  const value = parseWholeNumber(text);
  if (value < 0 || value > 65_535) throw new InvalidArgumentError('It must be from 0 to 65535.');
  return value;
}

export function parseTail(text: string): number {
  const value = parseWholeNumber(text);
  if (value < 1 || value > 1000) throw new InvalidArgumentError('It must be from 1 to 1000.');
  return value;
}

export function parseSeconds(text: string): number {
  const value = parseNumber(text);
  // The longest time of a timer.
  if (value <= 0 || value > 2_147_483) throw new InvalidArgumentError('It must be from above 0 to 2147483.');
  return value;
}

/** For options that may be given again and again. */
export const collect = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

/** `2026-11-01` or a full RFC 3339 time, to RFC 3339 UTC. */
export function parseTime(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('It must be a date like 2026-11-01 or an RFC 3339 time.');
  return time.toISOString();
}

/** A share from 0 to 1, also as `60%`. */
export function parseShare(text: string): number {
  return text.endsWith('%') ? parseNumber(text.slice(0, -1)) / 100 : parseNumber(text);
}

/** `best`, `last` or the number of an epoch. */
export function parseCheckpointRef(text: string): CheckpointRef {
  const parsed = checkpointRefSchema.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError('It must be best, last or an epoch.');
  return parsed.data === 'best' || parsed.data === 'last' ? parsed.data : Number(parsed.data);
}

/** `32x32x3` */
export function parseShape(text: string): [number, number, number] {
  const match = /^(\d+)x(\d+)x(\d+)$/.exec(text);
  if (!match) throw new InvalidArgumentError('It must be height, width and channels, like 32x32x3.');
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** Without what `$(cat id)` brings along from files of Windows: carriage returns, byte order marks, blanks. */
const idParser =
  (schema: z.ZodType<string>) =>
  (text: string): string => {
    const parsed = schema.safeParse(text.replace(/^[\s\uFFFD]+|\s+$/g, ''));
    if (!parsed.success) throw new InvalidArgumentError(`It ${parsed.error.issues[0]?.message}.`);
    return parsed.data;
  };

export const parseJobId = idParser(jobIdSchema);
/** A job, or the checkpoint that an alias of an experiment points to. */
export type JobOrAlias = string | { experiment: string; alias: string };

/** The id of a job, or `experiment@alias`. */
export function parseJobOrAlias(text: string): JobOrAlias {
  const at = text.lastIndexOf('@');
  if (at < 1) return parseJobId(text);
  const alias = aliasNameSchema.safeParse(text.slice(at + 1));
  if (!alias.success) throw new InvalidArgumentError(`The alias ${alias.error.issues[0]?.message}.`);
  return { experiment: text.slice(0, at), alias: alias.data };
}

export const parseKeyId = idParser(apiKeyIdSchema);
export const collectJobIds = (text: string, before: string[] | undefined): string[] => [
  ...(before ?? []),
  parseJobId(text),
];
