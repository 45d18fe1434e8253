import { nearestName } from '@trainyard/contracts';

/** Of a name like `recall.<class>`, the first part is compared, and the user's class is kept. */
export function suggestion(path: string[], names: readonly string[]): string {
  const [first = '', ...rest] = path;
  const families = names.filter((name) => name.split('.').length === path.length && name.includes('<'));
  const family = nearestName(
    first,
    families.map((name) => name.split('.')[0] ?? ''),
  );
  const whole = nearestName(
    path.join('.'),
    names.filter((name) => !name.includes('<')),
  );
  const meant = whole ?? (family && [family, ...rest].join('.'));
  return meant ? `; did you mean ${meant}?` : '';
}
