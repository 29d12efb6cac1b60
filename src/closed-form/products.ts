import { dot } from '../numeric/dot.js';
import { projectOut } from '../numeric/orthogonal.js';
import { findByAscents, normalised, type RankOneOptions } from './ascents.js';

/** Vectors a and w whose product a·wᵀ lies in a space of matrices, nearly. */
export interface Product {
  /** a, of length 1. */
  readonly left: Float64Array;
  /** w, of length 1; the sign of both together is arbitrary. */
  readonly right: Float64Array;
  /** How much of a·wᵀ lies in the space, 0…1: 1 where all of it does. */
  readonly inside: number;
}

/** Iterations of one ascent, steps of one side while the other stands, and the square of the change that ends it. */
const ascent = { most: 1000, each: 3, settled: 1e-24, rough: 1e-7 };

/** An orthonormal basis of a space of matrices, and the part of it that is left out, in its coordinates. */
interface Space {
  /** One row (rows·columns numbers, row-major) an element. */
  readonly basis: readonly Float64Array[];
  readonly rows: number;
  readonly columns: number;
}

/**
 * The matrices of rank one in a space of matrices with `rows` rows, by the subspace power method in both factors: from
 * random x and y, the part of x·yᵀ that lies in the space is applied to y and to x in turn until both settle. As
 * `findRankOne` does for symmetric ones, what was found is left out to start with and is there again for the last steps.
 * `basis` is orthonormal (row-major matrices).
 */
export function findProducts(
  basis: readonly Float64Array[],
  rows: number,
  options: RankOneOptions,
): Product[] {
  const space: Space = { basis, rows, columns: basis[0].length / rows };
  const start = (length: number) => normalised(Float64Array.from({ length }, () => options.random.normal()));
  return findByAscents(
    {
      climb(excluded) {
        const rough = climb(space, start(rows), start(space.columns), excluded, ascent.rough);
        return climb(space, rough.left, rough.right, [], ascent.settled);
      },
      cosine: (a, b) => Math.abs(dot(a.left, b.left) * dot(a.right, b.right)),
      components: ({ left, right }) => timesVector(timesRight(space, right), left),
    },
    options,
  );
}

function climb(
  space: Space,
  left: Float64Array,
  right: Float64Array,
  excluded: readonly Float64Array[],
  settled: number,
): Product {
  let [x, y] = [left, right];
  let inside = 0;
  for (let iteration = 0; iteration < ascent.most; iteration++) {
    const first = ascend(timesRight(space, y), x, excluded);
    const second = ascend(timesLeft(space, first.next), y, excluded);
    const change = distance(x, first.next) + distance(y, second.next);
    [x, y] = [first.next, second.next];
    inside = second.part;
    if (change <= settled) break;
  }
  return { left: x, right: y, inside };
}

/** Ascends ‖P(x·yᵀ)‖² in one factor, given every element of the basis times the other; `part` is what it was before the last step. */
function ascend(images: readonly Float64Array[], start: Float64Array, excluded: readonly Float64Array[]) {
  let next = start;
  let part = 0;
  for (let i = 0; i < ascent.each; i++) {
    const components = timesVector(images, next);
    projectOut(excluded, components);
    part = dot(components, components);
    const sum = new Float64Array(next.length);
    images.forEach((image, n) => {
      const factor = components[n];
      for (let a = 0; a < sum.length; a++) sum[a] += factor * image[a];
    });
    next = normalised(sum);
  }
  return { next, part };
}

/** B·y of every element B. */
const timesRight = ({ basis, rows, columns }: Space, y: Float64Array): Float64Array[] =>
  basis.map((element) => {
    const image = new Float64Array(rows);
    for (let i = 0, at = 0; i < rows; i++) {
      let sum = 0;
      for (let a = 0; a < columns; a++) sum += element[at++] * y[a];
      image[i] = sum;
    }
    return image;
  });

/** Bᵀ·x of every element B. */
const timesLeft = ({ basis, rows, columns }: Space, x: Float64Array): Float64Array[] =>
  basis.map((element) => {
    const image = new Float64Array(columns);
    for (let i = 0, at = 0; i < rows; i++) {
      const factor = x[i];
      for (let a = 0; a < columns; a++) image[a] += factor * element[at++];
    }
    return image;
  });

/** The components of a vector along images of the basis. */
const timesVector = (images: readonly Float64Array[], vector: Float64Array): Float64Array =>
  Float64Array.from(images, (image) => dot(image, vector));

const distance = (u: Float64Array, v: Float64Array): number =>
  u.reduce((sum, value, i) => sum + (value - v[i]) ** 2, 0);
