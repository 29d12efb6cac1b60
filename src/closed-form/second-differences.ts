import type { Field } from './field.js';

/**
 * Symmetric k × k matrices as vectors whose inner product is that of the matrices: the upper triangle row by row,
 * what is not on the diagonal times √2.
 */
export const packedSize = (k: number): number => (k * (k + 1)) / 2;

/** A packed matrix as all of its k × k entries, row-major. */
export function unpackSymmetric(packed: Float64Array, k: number): Float64Array {
  const matrix = new Float64Array(k * k);
  let at = 0;
  for (let a = 0; a < k; a++) {
    for (let b = a; b < k; b++) {
      const value = a === b ? packed[at] : packed[at] * Math.SQRT1_2;
      matrix[a * k + b] = value;
      matrix[b * k + a] = value;
      at++;
    }
  }
  return matrix;
}

/** Where answers are this accurate, differences one way are accurate enough: half of the queries. */
const oneWay = 1e-11;

/** Whether second differences are taken one way alone. */
const isOneWay = (error: number): boolean => error <= oneWay;

/** Queries that the Hessians of all outputs at one point take, in k dimensions, for answers with this error. */
export const queriesOfHessian = (k: number, error: number): number =>
  isOneWay(error) ? (k * (k + 1)) / 2 + k + 1 : k * (k + 1) + 1;

/**
 * The step that balances truncation, step², against the error of four answers over step². Answers of float32 to networks
 * trained on MNIST showed most neurons with 0.5 to 1 times (50·error)^¼. One way truncation is as the step itself.
 */
export const stepFor = (error: number): number => (6 * error) ** 0.25;
const stepOneWay = (error: number): number => (4 * error) ** (1 / 3);

/**
 * The Hessians of all outputs at a point (k) as far as they concern m directions, packed (`packedSize(m)`), by second
 * differences. An entry off the diagonal takes the difference along both directions together less those along each: both
 * ways in m(m + 1) + 1 queries, or one way, where answers are accurate, in half as many.
 */
export async function measureHessians(
  field: Field,
  centre: Float64Array,
  directions: readonly Float64Array[],
  step: number,
): Promise<Float64Array[]> {
  const { outputs: o } = field;
  const m = directions.length;
  const isHalf = isOneWay(field.error);
  const h = isHalf ? stepOneWay(field.error) : step;
  // one way, what is along one direction alone goes back too
  const moves: { readonly a: number; readonly b: number; readonly way: number }[] = [];
  for (const way of [h, -h]) {
    for (let a = 0; a < m; a++) {
      for (let b = a; b < m; b++) if (way > 0 || !isHalf || a === b) moves.push({ a, b, way });
    }
  }
  const k = centre.length;
  const points = new Float64Array((moves.length + 1) * k);
  points.set(centre);
  moves.forEach(({ a, b, way }, n) => {
    const [first, second] = [directions[a], directions[b]];
    for (let i = 0; i < k; i++) {
      points[(n + 1) * k + i] = centre[i] + way * (a === b ? first[i] : first[i] + second[i]);
    }
  });
  const answers = await field.evaluate(points, moves.length + 1);
  const half = packedSize(m);
  return Array.from({ length: o }, (_, output) => {
    const at = (row: number) => answers[row * o + output] - answers[output];
    return isHalf ? packOneWay(at, m, half, h) : packBothWays(at, m, half, h);
  });
}

/** The place of the diagonal element a in the order of a packed m × m matrix. */
const diagonalAt = (a: number, m: number) => a * m - (a * (a - 1)) / 2;

/** Packed from f(+) − f and f(−) − f of every direction and pair. */
function packBothWays(at: (row: number) => number, m: number, half: number, step: number): Float64Array {
  const bend = (i: number) => at(1 + i) + at(1 + half + i);
  return pack(m, (i, a, b) =>
    a === b ? bend(i) / step ** 2 : (bend(i) - bend(diagonalAt(a, m)) - bend(diagonalAt(b, m))) / step ** 2,
  );
}

/** Packed from f(+) − f of every direction and pair, and f(−) − f of the directions. */
function packOneWay(at: (row: number) => number, m: number, half: number, step: number): Float64Array {
  return pack(m, (i, a, b) => {
    const [first, second] = [at(1 + diagonalAt(a, m)), at(1 + diagonalAt(b, m))];
    return a === b ? (first + at(1 + half + a)) / step ** 2 : (2 * (at(1 + i) - first - second)) / step ** 2;
  });
}

/** A packed matrix: `of` gives, for the i-th entry, an element of the diagonal, or twice one beside it. */
function pack(m: number, of: (i: number, a: number, b: number) => number): Float64Array {
  const packed = new Float64Array(packedSize(m));
  let i = 0;
  for (let a = 0; a < m; a++) {
    for (let b = a; b < m; b++) {
      packed[i] = of(i, a, b) * (a === b ? 1 : Math.SQRT1_2);
      i++;
    }
  }
  return packed;
}
