/** `*` stands for any characters but `/`. */
const expressionOf = (part: string): RegExp => new RegExp(`^${part.replaceAll('*', '[^/]*')}$`);

/**
 * Whether a pattern names a weight of a model. Without a slash it names whole layers, like `conv2d_1` or `conv2d_*`;
 * with one single weights, like `dense_1/bias`.
 */
export function matchesWeight(pattern: string, weight: string): boolean {
  const [layer = '', kind = '*'] = pattern.split('/');
  const [ofLayer = '', ofKind = ''] = weight.split('/');
  return expressionOf(layer).test(ofLayer) && expressionOf(kind).test(ofKind);
}

/** Whether the last pattern that names the weight is one without `!` before it. */
export function selectsWeight(patterns: readonly string[], weight: string): boolean {
  const last = patterns.findLast((pattern) => matchesWeight(pattern.replace(/^!/, ''), weight));
  return last !== undefined && !last.startsWith('!');
}
