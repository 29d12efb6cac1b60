import { dot } from './dot.js';
import { orthonormaliseColumns } from './orthogonal.js';

/** What a set of rows spans: orthonormal directions, and how much of the rows lies along each. */
export interface Span {
  /** Orthonormal rows of the rows' length, in the order of `values`; those of a value of 0 are missing. */
  readonly directions: readonly Float64Array[];
  /** Singular values, in decreasing order: as many as there are rows, or as a row is long. */
  readonly values: Float64Array;
}

/** Two rows whose cosine is below this are orthogonal. */
const orthogonal = 1e-14;

/** Sweeps over all pairs; rows of any kind need less than ten. */
const mostSweeps = 30;

/**
 * Singular values and right singular vectors of a matrix given by its rows, by one-sided Jacobi rotations (Hestenes
 * 1958): small singular values are as accurate as large ones, which those of a Gram matrix are not.
 */
export function spanOf(rows: readonly Float64Array[]): Span {
  const turned = rows.map((row) => row.slice());
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let turns = 0;
    for (let i = 0; i < turned.length; i++) {
      for (let j = i + 1; j < turned.length; j++) if (makeOrthogonal(turned[i], turned[j])) turns++;
    }
    if (turns === 0) break;
  }
  const norms = turned.map((row) => Math.sqrt(dot(row, row)));
  const order = norms.map((_, i) => i).sort((a, b) => norms[b] - norms[a]);
  const most = Math.min(rows.length, rows[0]?.length ?? 0);
  const kept = order.slice(0, most);
  return {
    values: Float64Array.from(kept, (i) => norms[i]),
    directions: kept.filter((i) => norms[i] > 0).map((i) => turned[i].map((value) => value / norms[i])),
  };
}

/** What a row may add to those before it, relative to its length, and count as nothing. */
const nothing = 1e-15;

/**
 * The same of rows that are much longer than there are of them: rotations turn their coordinates in an orthonormal basis
 * of their own, a hundredth of the numbers for 160 rows of 8,000.
 */
export function spanOfLong(rows: readonly Float64Array[]): Span {
  const basis = orthonormaliseColumns(rows, nothing);
  const short = rows.map((row) => Float64Array.from(basis, (direction) => dot(direction, row)));
  const { values, directions } = spanOf(short);
  const length = rows[0]?.length ?? 0;
  const long = directions.map((direction) => {
    const sum = new Float64Array(length);
    basis.forEach((vector, i) => {
      for (let k = 0; k < length; k++) sum[k] += direction[i] * vector[k];
    });
    return sum;
  });
  return { values, directions: long };
}

/** Rotates two rows, in place, until they are orthogonal; whether they were not before. */
function makeOrthogonal(u: Float64Array, v: Float64Array): boolean {
  const uu = dot(u, u);
  const vv = dot(v, v);
  const uv = dot(u, v);
  if (!(Math.abs(uv) > orthogonal * Math.sqrt(uu * vv))) return false;
  const ratio = (vv - uu) / (2 * uv);
  const tangent = Math.sign(ratio || 1) / (Math.abs(ratio) + Math.hypot(1, ratio));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = cosine * tangent;
  for (let i = 0; i < u.length; i++) {
    const [a, b] = [u[i], v[i]];
    u[i] = cosine * a - sine * b;
    v[i] = sine * a + cosine * b;
  }
  return true;
}
