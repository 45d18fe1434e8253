export const shapesClasses = [
  'checker',
  'circle',
  'crescent',
  'cross',
  'hexagon',
  'ring',
  'square',
  'star',
  'stripes',
  'triangle',
] as const;
export type ShapeClass = (typeof shapesClasses)[number];

/** Signed distance from the edge of a figure of size 1 around the origin: negative inside. Unit: the figure's size. */
export type Outline = (u: number, v: number) => number;

export const disc: Outline = (u, v) => Math.sqrt(u * u + v * v) - 1;
export const box = (u: number, v: number, width: number, height: number) =>
  Math.max(Math.abs(u) - width, Math.abs(v) - height);

/** Unit normals at multiples of 72, 120 and 60 degrees, as literals, as Math.sin may differ between machines. */
const fifths: [number, number][] = [
  [0, 1],
  [-0.9510565162951535, 0.30901699437494745],
  [-0.5877852522924731, -0.8090169943749475],
  [0.5877852522924731, -0.8090169943749475],
  [0.9510565162951535, 0.30901699437494745],
];
const half = 0.5;
const sin60 = 0.8660254037844386;

export const outlines: Record<ShapeClass, Outline> = {
  checker: disc,
  circle: disc,
  crescent: (u, v) => Math.max(disc(u, v), 0.85 - Math.sqrt((u - 0.5) * (u - 0.5) + v * v)),
  cross: (u, v) => Math.min(box(u, v, 0.95, 0.32), box(u, v, 0.32, 0.95)),
  hexagon: (u, v) => Math.max(Math.abs(v), Math.abs(sin60 * u + half * v), Math.abs(sin60 * u - half * v)) - 0.9,
  ring: (u, v) => Math.abs(Math.sqrt(u * u + v * v) - 0.78) - 0.22,
  square: (u, v) => box(u, v, 0.85, 0.85),
  star,
  stripes: disc,
  triangle: (u, v) => Math.max(-v, sin60 * u + half * v, half * v - sin60 * u) - 0.55,
};

/**
 * A point is in a pentagram when it is outside at most one of five half-planes: the second largest distance decides.
 */
function star(u: number, v: number): number {
  let largest = -Infinity;
  let second = -Infinity;
  for (const [x, y] of fifths) {
    const distance = u * x + v * y;
    if (distance > largest) {
      second = largest;
      largest = distance;
    } else if (distance > second) second = distance;
  }
  return second - 0.36;
}

/** The pattern in a figure: 1 where its second colour is visible. `u` and `v` as in `Outline`. */
export type Filling = (u: number, v: number) => number;
const band = (x: number) => (x * 2.2 - Math.floor(x * 2.2) < 0.5 ? 0 : 1);
export const fillings: Partial<Record<ShapeClass, Filling>> = {
  checker: (u, v) => (band(u) + band(v)) % 2,
  stripes: (u) => band(u),
};
