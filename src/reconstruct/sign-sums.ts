import type { Sign } from '../numeric/signs.js';

/** Half of the terms have no more sums than 2 to this, and so many pairs of sums may agree in one number. */
const limits = { halfOfSigns: 18, pairs: 2e7 };

/** All sums ±t₁ ± … of some terms: bit i of a sum's place tells that the i-th term is taken away. */
function sumsOf(terms: readonly number[]): Float64Array {
  const sums = new Float64Array(2 ** terms.length);
  let count = 1;
  for (const term of terms) {
    for (let n = 0; n < count; n++) {
      sums[count + n] = sums[n] - term;
      sums[n] += term;
    }
    count *= 2;
  }
  return sums;
}

/**
 * The choices of signs with which the sum of vectors comes within `within` of a target: `vectors` is r × size. Meets in the
 * middle: the sums of both halves, in the number in which the vectors are largest, sorted, so that 2^r choices take
 * 2^(r/2) sums. None where there are so many vectors, or numbers so coarse, that too many would have to be looked at.
 */
export function* signSums(
  vectors: Float64Array,
  target: Float64Array,
  within: number,
): Generator<readonly Sign[]> {
  const size = target.length;
  const r = vectors.length / size;
  const half = Math.ceil(r / 2);
  const axis = largestAxis(vectors, size);
  const terms = Array.from({ length: r }, (_, i) => vectors[i * size + axis]);
  const spread = Math.hypot(...terms);
  if (half > limits.halfOfSigns || !(2 ** r * Math.min(1, within / spread) <= limits.pairs)) return;
  const [left, right] = [sumsOf(terms.slice(0, half)), sumsOf(terms.slice(half))];
  const order = Uint32Array.from(left, (_, n) => n).sort((a, b) => left[a] - left[b]);
  const others = Uint32Array.from(right, (_, n) => n).sort((a, b) => right[b] - right[a]);
  const signs = new Array<Sign>(r).fill(1);
  let first = 0;
  for (const other of others) {
    // the other half falls, so what the first half has to be rises
    const wanted = target[axis] - right[other];
    while (first < order.length && left[order[first]] < wanted - within) first++;
    for (let n = first; n < order.length && left[order[n]] <= wanted + within; n++) {
      for (let i = 0; i < half; i++) signs[i] = (order[n] >> i) & 1 ? -1 : 1;
      for (let i = half; i < r; i++) signs[i] = (other >> (i - half)) & 1 ? -1 : 1;
      if (distance(vectors, signs, target) <= within) yield [...signs];
    }
  }
}

function largestAxis(vectors: Float64Array, size: number): number {
  const squares = new Float64Array(size);
  vectors.forEach((value, at) => {
    squares[at % size] += value * value;
  });
  return squares.indexOf(Math.max(...squares));
}

function distance(vectors: Float64Array, signs: readonly Sign[], target: Float64Array): number {
  const size = target.length;
  let square = 0;
  for (let k = 0; k < size; k++) {
    let rest = target[k];
    for (let i = 0; i < signs.length; i++) rest -= signs[i] * vectors[i * size + k];
    square += rest * rest;
  }
  return Math.sqrt(square);
}
