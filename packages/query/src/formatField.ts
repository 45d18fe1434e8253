const plain = /^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u;

/** The name of a field as a filter has it: parts that are not plain words stand in quotes. */
export const formatField = (path: readonly string[]): string =>
  path.map((part) => (plain.test(part) ? part : `"${part.replaceAll(/["\\]/g, '\\$&')}"`)).join('.');
