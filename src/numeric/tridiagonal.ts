/** A symmetric tridiagonal matrix: its diagonal (n) and what stands beside it (n − 1, or more that is not read). */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
}

/** Eigenvalues of a matrix (n), in no order, and its orthonormal eigenvectors, one row of n an eigenvalue. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: readonly Float64Array[];
}

/** Sweeps of one eigenvalue; two or three are usual. */
const mostSweeps = 60;

/**
 * Eigenvalues and eigenvectors of a symmetric tridiagonal matrix by the implicit QL method (Golub and Van Loan 2013,
 * §8.3). Throws a `RangeError` where entries are not finite.
 */
export function eigenOf({ diagonal, beside }: Tridiagonal): Eigen {
  const n = diagonal.length;
  if (!diagonal.every(Number.isFinite))
    throw new RangeError('a tridiagonal matrix has an entry that is not finite');
  const values = diagonal.slice();
  const next = new Float64Array(n);
  next.set(beside.subarray(0, n - 1));
  const vectors = Array.from({ length: n }, (_, i) => {
    const row = new Float64Array(n);
    row[i] = 1;
    return row;
  });
  for (let first = 0; first < n; first++) {
    for (let sweep = 0; sweep < mostSweeps; sweep++) {
      let last = first;
      while (last < n - 1 && !isNothing(next[last], values[last], values[last + 1])) last++;
      if (last === first) break;
      sweepUp(values, next, vectors, first, last);
    }
  }
  return { values, vectors };
}

const isNothing = (beside: number, above: number, below: number) =>
  Math.abs(beside) <= Number.EPSILON * (Math.abs(above) + Math.abs(below));

/** One QL sweep of the rows first…last with Wilkinson's shift; turns the vectors with it. */
function sweepUp(
  values: Float64Array,
  next: Float64Array,
  vectors: readonly Float64Array[],
  first: number,
  last: number,
): void {
  const ratio = (values[first + 1] - values[first]) / (2 * next[first]);
  const root = Math.hypot(ratio, 1);
  let g = values[last] - values[first] + next[first] / (ratio + (ratio >= 0 ? root : -root));
  let [sine, cosine, p] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const f = sine * next[i];
    const b = cosine * next[i];
    const r = Math.hypot(f, g);
    next[i + 1] = r;
    if (r === 0) {
      values[i + 1] -= p;
      next[last] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = values[i + 1] - p;
    const t = (values[i] - g) * sine + 2 * cosine * b;
    p = sine * t;
    values[i + 1] = g + p;
    g = cosine * t - b;
    turn(vectors[i + 1], vectors[i], sine, cosine);
  }
  values[first] -= p;
  next[first] = g;
  next[last] = 0;
}

function turn(upper: Float64Array, lower: Float64Array, sine: number, cosine: number): void {
  for (let k = 0; k < upper.length; k++) {
    const value = upper[k];
    upper[k] = sine * lower[k] + cosine * value;
    lower[k] = cosine * lower[k] - sine * value;
  }
}
