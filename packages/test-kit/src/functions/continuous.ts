import { coordinates, cube, number, spaceOf, type TestFunction } from './testFunction.js';

/** Branin 1972, with its three minima. */
export const branin: TestFunction = {
  name: 'Branin',
  space: spaceOf({ x: { type: 'uniform', min: -5, max: 10 }, y: { type: 'uniform', min: 0, max: 15 } }),
  loss(point) {
    const [x, y] = [number(point, 'x'), number(point, 'y')];
    const bend = y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6;
    return bend ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
  },
  minimum: 0.397887,
};

/** Of each peak: its height, the steepness along each axis, its place. */
const peaks: [height: number, steepness: number[], place: number[]][] = [
  [1, [10, 3, 17, 3.5, 1.7, 8], [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886]],
  [1.2, [0.05, 10, 17, 0.1, 8, 14], [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991]],
  [3, [3, 3.5, 1.7, 10, 17, 8], [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665]],
  [3.2, [17, 8, 0.05, 10, 0.1, 14], [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381]],
];

/** Hartmann 1973, in six dimensions. */
export const hartmann6: TestFunction = {
  name: 'Hartmann 6',
  space: cube(6, 0, 1),
  loss(point) {
    const x = coordinates(point);
    return -peaks.reduce((sum, [height, steepness, place]) => {
      const exponent = x.reduce((total, xi, i) => total + (steepness[i] ?? 0) * (xi - (place[i] ?? 0)) ** 2, 0);
      return sum + height * Math.exp(-exponent);
    }, 0);
  },
  minimum: -3.32237,
};

/** Rosenbrock 1960, in four dimensions: a bent valley. */
export const rosenbrock4: TestFunction = {
  name: 'Rosenbrock 4',
  space: cube(4, -2, 2),
  loss(point) {
    const x = coordinates(point);
    return x.slice(1).reduce((sum, next, i) => {
      const before = x[i] ?? 0;
      return sum + 100 * (next - before ** 2) ** 2 + (1 - before) ** 2;
    }, 0);
  },
  minimum: 0,
};

/** Ackley 1987, in five dimensions: many minima around one. Its minimum is not in the middle of the range. */
export const ackley5: TestFunction = {
  name: 'Ackley 5',
  space: cube(5, -10, 22),
  loss(point) {
    const x = coordinates(point);
    const squares = x.reduce((sum, xi) => sum + xi ** 2, 0) / x.length;
    const waves = x.reduce((sum, xi) => sum + Math.cos(2 * Math.PI * xi), 0) / x.length;
    return -20 * Math.exp(-0.2 * Math.sqrt(squares)) - Math.exp(waves) + 20 + Math.E;
  },
  minimum: 0,
};
