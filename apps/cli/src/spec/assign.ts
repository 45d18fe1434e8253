import { InvalidInputError } from '@trainyard/contracts';

type Tree = Record<string, unknown>;

/** Fields for which a spec takes a bare name: what key the name then has, and the name when only details are given. */
const shorthands: Record<string, { key: string; name: string }> = {
  dataset: { key: 'name', name: 'cifar10' },
  optimizer: { key: 'type', name: 'sgd' },
  schedule: { key: 'type', name: 'constant' },
};

/**
 * Sets one field of a spec from `path=value`, e.g. `optimizer.type=adam` or `architecture.layers.0.filters=8`. Values
 * are JSON where they can be read so, else text. Objects on the way are made; a bare name on the way (`"optimizer":
 * "sgd"`) becomes the object that it stands for. Changes `spec`.
 * @throws InvalidInputError when there is no `=`, or the path leads through a value that has no fields.
 */
export function assign(spec: Tree, assignment: string): void {
  const equals = assignment.indexOf('=');
  const path = assignment.slice(0, equals).split('.');
  if (equals < 1 || path.some((key) => key === '' || key === '__proto__'))
    throw new InvalidInputError(`--set ${assignment}: it must be like optimizer.type=adam`);
  const last = path.pop() as string;
  let node = spec;
  path.forEach((key, depth) => {
    node = enter(node, key, depth === 0 ? shorthands[key] : undefined, assignment);
  });
  // Another type has other fields: the old one's would be unknown keys.
  if (last === 'type' && path.length === 1 && node.type !== undefined)
    for (const key of Object.keys(node)) delete node[key];
  node[last] = readValue(assignment.slice(equals + 1));
}

function enter(
  node: Tree,
  key: string,
  shorthand: { key: string; name: string } | undefined,
  assignment: string,
): Tree {
  const value = Object.hasOwn(node, key) ? node[key] : undefined;
  if (typeof value === 'object' && value !== null) return value as Tree;
  const named = typeof value === 'string' && shorthand !== undefined;
  if (value !== undefined && value !== null && !named)
    throw new InvalidInputError(`--set ${assignment}: ${key} is ${JSON.stringify(value)} and has no fields`);
  const made: Tree = shorthand ? { [shorthand.key]: named ? value : shorthand.name } : {};
  node[key] = made;
  return made;
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
