import { randomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { extentOf, foldInto, shorteningFactor } from './bounds.js';
import { askAgain, jacobianAt, measureThreshold } from './jacobians.js';
import { mendJacobians } from './mend-jacobians.js';
import type { Oracle as WholeOracle } from './oracle.js';
import { type PivotedBasis, pivotedBasis, subtract } from './pivoted-basis.js';

type Oracle = Pick<WholeOracle, 'inputDimension' | 'limit' | 'ask' | 'reserve'>;

/**
 * The row space of the first layer (method.md §8): the target's answers change only along it. Coordinates
 * u (k) inside it stand for the input x = u·basis (d).
 */
export interface Subspace {
  /** Orthonormal rows, k × d. */
  readonly basis: Float64Array;
  /** k */
  readonly rank: number;
  /** d */
  readonly inputDimension: number;
  /** Points whose Jacobians were measured, and the step of their central differences. */
  readonly points: number;
  readonly step: number;
  /**
   * What every Jacobian row that was tried added to the space, relative to the largest row, in decreasing
   * order: the gap behind the rank.
   */
  readonly pivots: readonly number[];
  /** Rows below this, relative to the largest, are differencing noise. */
  readonly threshold: number;
  /** The rows of the Jacobians in coordinates of the space (k each), output by output of one point after another. */
  readonly slopes?: readonly Float64Array[];
}

/**
 * The largest rank that is looked for: beyond it the whole space is used. Beyond that of the narrow, which every row of a
 * Jacobian may need a point of its own for, only where Jacobians have rows enough for a few points to show it.
 */
const largestRank = 320;
const narrow = { rank: 128, points: 256 };

/** Steps twice as long as for functions that vary over a length of 1: trained networks vary more slowly. */
const stepFactor = 2;

/**
 * In more than `checks` dimensions, where one input moves the answers by little, Jacobians after the first are one-sided,
 * for half of the queries, with steps of so many times √(d·error).
 */
const forwardFactor = 1.7;

/** With answers so coarse or noisy that the threshold is above this, Jacobians tell nothing. */
const largestThreshold = 0.05;

/** So many Jacobian rows that add nothing show that the space is complete, where a Jacobian costs more than the check. */
const rowsToSpare = 2;

/**
 * Where one-sided differences leave the last pivot unclear, more Jacobians are taken, up to so many rows a dimension: the
 * smallest of 64 directions is weak in 70 rows. Of tanh 784-64-10 trained on MNIST, in float32, the pivots on both sides
 * of the rank were 7 to 12 times apart with 8 Jacobians and 25 times with 12.
 */
const clearing = 2.5;

/** Random points at which the target must answer as at their projections before the space is complete. */
const checks = 100;

/**
 * Measures finite-difference Jacobians until the target answers at random points of the given spread as it
 * does at their projections: first at random points until one adds nothing, then wherever that check fails,
 * because a ReLU neuron shows only where it is active. Returns 'full' when the answers change in every
 * direction and undefined when the rank is too large or unclear: then the whole input space is used. Asks 2·d queries a
 * Jacobian, in many dimensions d + 1. The step is the cube root of the answers' relative error `roundoff`, there its
 * square root, which balances truncation against rounding or noise; the threshold is measured.
 */
export async function findSubspace(
  oracle: Oracle,
  seed: number,
  spread: number,
  roundoff: number,
): Promise<Subspace | 'full' | undefined> {
  const d = oracle.inputDimension;
  const isForward = d > checks;
  const step = isForward ? forwardFactor * Math.sqrt(d * roundoff) : stepFactor * Math.cbrt(roundoff);
  if (d < 2) return undefined;
  const random = randomStream(seed, 'subspace');
  const room = oracle.limit - 2 * step;
  if (!(room > 0)) return undefined;
  const drawPoint = () => Float64Array.from({ length: d }, () => foldInto(room, spread * random.normal()));
  const first = drawPoint();
  const way = { step, isForward };
  const measured = [await jacobianAt(oracle, first, way)];
  const threshold = await measureThreshold(oracle, measured[0], way, random);
  if (threshold > largestThreshold) return undefined;
  let found: PivotedBasis = { basis: [], pivots: [], largest: 0 };
  let next: Float64Array | undefined = first;
  let points = 0;
  let rows: Float64Array[] = [];
  let explained = 0;
  while (next !== undefined) {
    if (points > 0) measured.push(await jacobianAt(oracle, next, way));
    points++;
    if (isForward)
      await mendJacobians(measured, (jacobian, columns) => askAgain(oracle, jacobian, way, columns));
    rows = measured.flatMap((jacobian) => jacobian.rows);
    const rank = found.basis.length;
    found = pivotedBasis(rows, threshold);
    if (found.basis.length >= d) return 'full';
    if (found.basis.length >= largestRank || points > narrow.points) return undefined;
    if (found.basis.length >= narrow.rank && points >= narrow.points / 2) return undefined;
    // rows to spare that add nothing are as good as a Jacobian that adds nothing
    const isComplete = d > checks && rows.length - found.basis.length >= rowsToSpare;
    const grew = found.basis.length > rank && !isComplete;
    const isExplained = explained === found.basis.length;
    next = grew ? drawPoint() : undefined;
    if (!grew && !isExplained) next = await unexplainedPoint(oracle, found, drawPoint, threshold, room);
    if (next !== undefined) continue;
    explained = found.basis.length;
    const mayClear = isForward && rows.length < clearing * explained;
    if (mayClear && hasUnclearPivot(found.pivots, explained)) next = drawPoint();
  }
  const rank = found.basis.length;
  if (rank === 0 || hasUnclearPivot(found.pivots, rank)) return undefined;
  const basis = new Float64Array(rank * d);
  found.basis.forEach((row, i) => {
    basis.set(row, i * d);
  });
  const slopes = rows.map((row) => Float64Array.from(found.basis, (direction) => dot(direction, row)));
  return { basis, rank, inputDimension: d, points, step, pivots: found.pivots, threshold, slopes };
}

/**
 * A point at which the target does not answer as at its projection onto the space, or undefined. The point
 * lies on the way between the two, where what the space misses leaves its trace in the Jacobian.
 */
async function unexplainedPoint(
  oracle: Oracle,
  { basis, largest }: PivotedBasis,
  drawPoint: () => Float64Array,
  threshold: number,
  room: number,
): Promise<Float64Array | undefined> {
  const d = oracle.inputDimension;
  const inputs = new Float64Array(2 * checks * d);
  for (let n = 0; n < checks; n++) {
    const point = drawPoint();
    const projection = new Float64Array(d);
    for (const direction of basis) subtract(projection, direction, -dot(point, direction));
    shorten(point, projection, room);
    inputs.set(point, 2 * n * d);
    inputs.set(projection, (2 * n + 1) * d);
  }
  const outputs = await oracle.ask(inputs, 2 * checks, 'row space');
  const o = outputs.length / (2 * checks);
  let worst = -1;
  let most = 0;
  for (let n = 0; n < checks; n++) {
    const point = inputs.subarray(2 * n * d, (2 * n + 1) * d);
    const projection = inputs.subarray((2 * n + 1) * d, (2 * n + 2) * d);
    let distance = 0;
    for (let k = 0; k < d; k++) distance += (point[k] - projection[k]) ** 2;
    for (let i = 0; i < o; i++) {
      const difference = Math.abs(outputs[2 * n * o + i] - outputs[(2 * n + 1) * o + i]);
      const excess = difference / (threshold * largest * Math.sqrt(distance));
      if (excess > most) {
        most = excess;
        worst = n;
      }
    }
  }
  if (most <= 1) return undefined;
  // half of the way is not enough where the neuron is active only near one end: each end gets its turn
  const along = [0, 0.5, 1][worst % 3];
  return Float64Array.from(
    { length: d },
    (_, k) => (1 - along) * inputs[2 * worst * d + k] + along * inputs[(2 * worst + 1) * d + k],
  );
}

/** Shortens a point and its projection alike where the projection leaves the room that there is. */
function shorten(point: Float64Array, projection: Float64Array, room: number): void {
  const factor = shorteningFactor(room, extentOf(projection));
  for (const vector of [point, projection]) {
    for (let k = 0; k < vector.length; k++) vector[k] *= factor;
  }
}

/** The smallest accepted pivot must stand a factor of 10 above the first rejected. */
function hasUnclearPivot(pivots: readonly number[], rank: number): boolean {
  return (pivots[rank] ?? 0) > pivots[rank - 1] / 10;
}

/** Inputs x (count × d) of coordinates u (count × k) inside the subspace. */
export function liftInputs(
  { basis, rank, inputDimension: d }: Subspace,
  coordinates: Float64Array,
): Float64Array {
  const count = coordinates.length / rank;
  const inputs = new Float64Array(count * d);
  for (let n = 0; n < count; n++) {
    const to = n * d;
    const from = n * rank;
    let i = 0;
    // four rows at a time, added in their order
    for (; i + 3 < rank; i += 4) {
      const [u0, u1, u2, u3] = coordinates.subarray(from + i, from + i + 4);
      const at = i * d;
      for (let k = 0; k < d; k++) {
        const sum = inputs[to + k] + u0 * basis[at + k] + u1 * basis[at + d + k];
        inputs[to + k] = sum + u2 * basis[at + 2 * d + k] + u3 * basis[at + 3 * d + k];
      }
    }
    for (; i < rank; i++) {
      const u = coordinates[from + i];
      for (let k = 0; k < d; k++) inputs[to + k] += u * basis[i * d + k];
    }
  }
  return inputs;
}

/** Coordinates (count × k), each shortened until the input that it stands for has no coordinate beyond `limit`. */
export function containCoordinates(
  subspace: Subspace,
  coordinates: Float64Array,
  limit: number,
): Float64Array {
  if (limit === Number.POSITIVE_INFINITY) return coordinates;
  const { rank, inputDimension: d } = subspace;
  const inputs = liftInputs(subspace, coordinates);
  return coordinates.map((value, i) => {
    const n = Math.floor(i / rank);
    return value * shorteningFactor(limit, extentOf(inputs.subarray(n * d, (n + 1) * d)));
  });
}

/** Coordinates (count × k) of the projections of inputs (count × d) onto the subspace. */
export function projectInputs(
  { basis, rank, inputDimension: d }: Subspace,
  inputs: Float64Array,
): Float64Array {
  const count = inputs.length / d;
  return Float64Array.from({ length: count * rank }, (_, i) => {
    const [n, j] = [Math.floor(i / rank), i % rank];
    return dot(basis.subarray(j * d, (j + 1) * d), inputs.subarray(n * d, (n + 1) * d));
  });
}

/** Incoming vectors (m × (d+1), bias last) of vectors (m × (k+1)) inside the subspace. */
export function liftIncoming(subspace: Subspace, incoming: Float64Array): Float64Array {
  const { rank, inputDimension: d } = subspace;
  const count = incoming.length / (rank + 1);
  const lifted = new Float64Array(count * (d + 1));
  for (let j = 0; j < count; j++) {
    const row = liftInputs(subspace, incoming.slice(j * (rank + 1), j * (rank + 1) + rank));
    lifted.set(row, j * (d + 1));
    lifted[j * (d + 1) + d] = incoming[j * (rank + 1) + rank];
  }
  return lifted;
}
