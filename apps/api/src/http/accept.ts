interface Preference {
  /** From 0, not acceptable, to 1. */
  weight: number;
  /** 3: the media type is named; 2: its type is, as in `text/*`; 1: every type; 0: none of these. */
  precision: number;
}

/** What Accept says of a media type (RFC 9110, 12.5.1): the most precise range counts. Media types have no case. */
function preferenceFor(accept: string, mediaType: string): Preference {
  const precisions: Record<string, number> = { [mediaType]: 3, [`${mediaType.split('/')[0]}/*`]: 2, '*/*': 1 };
  let best: Preference = { weight: 0, precision: 0 };
  for (const range of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    const precision = precisions[name] ?? 0;
    const q = /^q=([01](\.\d{0,3})?)$/.exec(parameters.find((each) => each.startsWith('q=')) ?? '')?.[1];
    if (precision > best.precision) best = { weight: Math.min(Number(q ?? 1), 1), precision };
  }
  return best;
}

/** Whether a client wants `mediaType` rather than JSON, which it gets where Accept has no preference. */
export function prefers({ accept }: { accept?: string | undefined }, mediaType: string): boolean {
  if (accept === undefined) return false;
  const wanted = preferenceFor(accept, mediaType);
  const json = preferenceFor(accept, 'application/json');
  if (wanted.weight === 0) return false;
  return wanted.weight > json.weight || (wanted.weight === json.weight && wanted.precision === 3);
}
