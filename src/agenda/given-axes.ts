import { median } from '../numeric/median.js';
import { factorSemidefinite } from '../numeric/semidefinite.js';
import type { Dataset } from '../records.js';

/** Other coordinates z for given inputs u, of which no sample can be asked: affine, perhaps fewer than inputs. */
export interface GivenAxes {
  /** k */
  readonly dimension: number;
  /** Points z (count × k) of points u (count × d). */
  points(inputs: Float64Array, count: number): Float64Array;
  /** Incoming vectors (m × (k + 1), bias last) for z of those for u (m × (d + 1)). */
  onto(incoming: Float64Array): Float64Array;
  /** Incoming vectors for u of those for z: 0 for inputs that others of them determine. */
  from(incoming: Float64Array): Float64Array;
}

/** Means of inputs (count × d), and values that many of them have: of images most pixels are as dark as can be. */
function middles({ inputs, count, inputDimension: d }: Dataset): {
  means: Float64Array;
  usual: Float64Array;
} {
  const means = new Float64Array(d);
  for (let n = 0; n < count; n++) for (let k = 0; k < d; k++) means[k] += inputs[n * d + k] / count;
  const few = Math.min(count, 255);
  const usual = means.map((_, k) => median(Array.from({ length: few }, (__, n) => inputs[n * d + k])));
  return { means, usual };
}

/** Calls `visit` with each row of some inputs less `from` (d): the numbers that are not 0, and where they stand. */
function forEachSparse(
  inputs: Float64Array,
  count: number,
  from: Float64Array,
  visit: (places: Int32Array, values: Float64Array, row: number) => void,
): void {
  const d = from.length;
  const places = new Int32Array(d);
  const values = new Float64Array(d);
  for (let n = 0; n < count; n++) {
    let found = 0;
    for (let k = 0; k < d; k++) {
      const value = inputs[n * d + k] - from[k];
      if (value === 0) continue;
      places[found] = k;
      values[found++] = value;
    }
    visit(places.subarray(0, found), values.subarray(0, found), n);
  }
}

/**
 * Inputs as they were given, centred and divided by one number: `scales` (d) are what they were divided by before. What
 * varies most is learnt first then. Where their units differ, so that some vary far more than most, they stay as they are.
 */
export function plainAxes(dataset: Dataset, scales: Float64Array | undefined): GivenAxes {
  const { inputs, count, inputDimension: d } = dataset;
  const { means } = middles(dataset);
  const variances = new Float64Array(d);
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < d; k++) variances[k] += (inputs[n * d + k] - means[k]) ** 2 / count;
  }
  const given = variances.map((variance, k) => Math.sqrt(variance) * (scales?.[k] ?? 1));
  const isOneUnit = Math.max(...given) <= mostUneven * median([...given]);
  const own = isOneUnit && scales ? scales : new Float64Array(d).fill(1);
  const total = variances.reduce((sum, variance, k) => sum + variance * own[k] ** 2, 0);
  const factors = own.map((scale) => scale / Math.sqrt(total / d));
  return {
    dimension: d,
    points: (at, rows) => {
      const points = new Float64Array(rows * d);
      for (let n = 0; n < rows; n++) {
        for (let k = 0; k < d; k++) points[n * d + k] = (at[n * d + k] - means[k]) * factors[k];
      }
      return points;
    },
    onto: (incoming) => shifted(incoming, means, 1).map((value, i) => value / (factors[i % (d + 1)] ?? 1)),
    from: (incoming) => {
      const scaled = incoming.map((value, i) => value * (factors[i % (d + 1)] ?? 1));
      return shifted(scaled, means, -1);
    },
  };
}

/** Inputs of one unit vary at most so many times as much as the middle one of them; pixels of digits do twice as much. */
const mostUneven = 10;

/** Incoming vectors (m × (d + 1)) for inputs that are less by `sign` times `means` (d). */
function shifted(incoming: Float64Array, means: Float64Array, sign: 1 | -1): Float64Array {
  const d = means.length;
  const moved = incoming.slice();
  for (let at = 0; at < moved.length; at += d + 1) {
    for (let k = 0; k < d; k++) moved[at + d] += sign * moved[at + k] * means[k];
  }
  return moved;
}

/** Part of an input's variance below which it counts as determined by those before it: rounding of the sums is 1e-15. */
const leastPivot = 1e-13;

/**
 * Axes along which the inputs vary alike, without correlations, in as many dimensions as they vary in: the second order
 * is asked for steps that change the answers alike in every direction, and damps them alike.
 */
export function evenAxes(dataset: Dataset): GivenAxes {
  const d = dataset.inputDimension;
  const { means, usual } = middles(dataset);
  const l = covarianceOf(dataset, usual);
  const pivots = factorSemidefinite(l, d, leastPivot);
  return {
    dimension: pivots.length,
    points: pointsBy(invertLower(l, d, pivots), pivots, usual, means),
    onto: (incoming) => timesFactor(l, pivots, shifted(incoming, means, 1), d),
    from: (vectors) => shifted(solveFactor(l, pivots, vectors, d), means, -1),
  };
}

/** Points along axes by the columns of the inverse factor, from what inputs are beside their usual values. */
function pointsBy(
  inverse: readonly Float64Array[],
  pivots: readonly number[],
  usual: Float64Array,
  means: Float64Array,
): GivenAxes['points'] {
  const k = pivots.length;
  const indexOf = new Int32Array(usual.length).fill(-1);
  pivots.forEach((input, index) => {
    indexOf[input] = index;
  });
  const add = (to: Float64Array, input: number, value: number) => {
    const index = indexOf[input];
    if (index < 0) return;
    const column = inverse[index];
    for (let a = index; a < k; a++) to[a] += value * column[a];
  };
  const whereUsual = new Float64Array(k);
  usual.forEach((value, input) => {
    add(whereUsual, input, value - means[input]);
  });
  return (inputs, count) => {
    const points = new Float64Array(count * k);
    forEachSparse(inputs, count, usual, (places, values, row) => {
      const own = points.subarray(row * k, (row + 1) * k);
      own.set(whereUsual);
      for (let i = 0; i < places.length; i++) add(own, places[i], values[i]);
    });
    return points;
  };
}

/** Incoming vectors times the factor's columns at `pivots`. */
function timesFactor(
  l: Float64Array,
  pivots: readonly number[],
  incoming: Float64Array,
  d: number,
): Float64Array {
  const k = pivots.length;
  const rows = incoming.length / (d + 1);
  const vectors = new Float64Array(rows * (k + 1));
  for (let j = 0; j < rows; j++) {
    pivots.forEach((pivot, a) => {
      let sum = 0;
      for (let i = pivot; i < d; i++) sum += incoming[j * (d + 1) + i] * l[i * d + pivot];
      vectors[j * (k + 1) + a] = sum;
    });
    vectors[j * (k + 1) + k] = incoming[j * (d + 1) + d];
  }
  return vectors;
}

/** The incoming vectors that those were made of, 0 but at `pivots`. */
function solveFactor(
  l: Float64Array,
  pivots: readonly number[],
  vectors: Float64Array,
  d: number,
): Float64Array {
  const k = pivots.length;
  const rows = vectors.length / (k + 1);
  const incoming = new Float64Array(rows * (d + 1));
  for (let j = 0; j < rows; j++) {
    const own = incoming.subarray(j * (d + 1), (j + 1) * (d + 1));
    for (let a = k - 1; a >= 0; a--) {
      let sum = vectors[j * (k + 1) + a];
      for (let c = a + 1; c < k; c++) sum -= l[pivots[c] * d + pivots[a]] * own[pivots[c]];
      own[pivots[a]] = sum / l[pivots[a] * d + pivots[a]];
    }
    own[d] = vectors[j * (k + 1) + k];
  }
  return incoming;
}

/** The covariance of inputs (d × d, lower triangle), from what they are beside their usual values. */
function covarianceOf({ inputs, count, inputDimension: d }: Dataset, usual: Float64Array): Float64Array {
  const moments = new Float64Array(d * d);
  const sums = new Float64Array(d);
  forEachSparse(inputs, count, usual, (places, values) => {
    for (let i = 0; i < places.length; i++) {
      const row = places[i] * d;
      const value = values[i];
      sums[places[i]] += value;
      for (let j = 0; j <= i; j++) moments[row + places[j]] += value * values[j];
    }
  });
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      moments[i * d + j] = moments[i * d + j] / count - (sums[i] / count) * (sums[j] / count);
    }
  }
  return moments;
}

/** The columns of the inverse of a lower factor's rows and columns at `pivots`. */
function invertLower(l: Float64Array, d: number, pivots: readonly number[]): Float64Array[] {
  const k = pivots.length;
  return pivots.map((_, column) => {
    const x = new Float64Array(k);
    x[column] = 1 / l[pivots[column] * d + pivots[column]];
    for (let i = column + 1; i < k; i++) {
      const row = pivots[i] * d;
      let sum = 0;
      for (let j = column; j < i; j++) sum -= l[row + pivots[j]] * x[j];
      x[i] = sum / l[row + pivots[i]];
    }
    return x;
  });
}
