import { type Fault, faultsOf, jobSpecSchema, toPointer } from '@trainyard/contracts';
import { synonyms } from './synonyms.js';

/** A parsed spec without its architecture, which is checked separately. */
export type Fields = Omit<ReturnType<typeof jobSpecSchema.parse>, 'architecture'>;

/** Replaces the architecture here, so that only the other fields can have faults. */
const anyArchitecture = 'lenet';

export interface CheckedFields {
  /** The fields without faults; rules that need another one are not checked. */
  usable: Partial<Fields>;
  /** All fields; null if there are faults. */
  complete: Fields | null;
  faults: Fault[];
}

/** Checks every field of a spec by itself, except the architecture. */
export function checkFields(input: Record<string, unknown>): CheckedFields {
  const sent = { ...input, architecture: anyArchitecture };
  const whole = jobSpecSchema.safeParse(sent);
  if (whole.success) return { usable: whole.data, complete: whole.data, faults: [] };
  const faults = faultsOf(jobSpecSchema, sent, { synonyms });
  const wrong = new Set(faults.map(({ pointer }) => `/${pointer.split('/')[1]}`));
  const isWrong = (key: string) => wrong.has(toPointer('', [key]));
  const right = Object.entries(sent).filter(([key]) => Object.hasOwn(jobSpecSchema.shape, key) && !isWrong(key));
  const parsed = jobSpecSchema.parse(Object.fromEntries(right));
  // Parsing has set the fields with faults to their defaults, by which nothing else may be judged.
  const usable = Object.fromEntries(Object.entries(parsed).filter(([key]) => !isWrong(key)));
  return { usable, complete: null, faults };
}
