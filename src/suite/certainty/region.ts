import { randomStream } from '../../base/random.js';
import type { Recovery } from '../../recovery.js';
import type { CertaintyProblem } from './problem.js';

/** The region that a verdict holds for, as far as it is read here. */
export interface StatedRegion {
  readonly kind: 'distances' | 'bounds' | 'pairs';
  /** For distances: queries are size·z with z standard normal and sizes between these. */
  readonly least: number;
  readonly most: number;
  /** What distances are counted from, and in. */
  readonly around?: { readonly shifts: Float64Array; readonly scales: Float64Array };
}

/** What a certificate without a region holds for: a tenth of the spread of the first queries to twice it. */
const usualSizes = { least: 0.2, most: 4 };

/** The region that a recovery states; where it states none, what its queries were like. */
export function statedRegion(problem: CertaintyProblem, { evidence }: Recovery): StatedRegion {
  const certificate = evidence.certificate as { readonly region?: StatedRegion } | undefined;
  if (certificate?.region !== undefined) return certificate.region;
  const kind = problem.pairs ? 'pairs' : problem.options.bounds ? 'bounds' : 'distances';
  return { kind, ...usualSizes };
}

/** Inputs of a region, count × d. */
export interface RegionInputs {
  readonly inputs: Float64Array;
  readonly count: number;
}

/** How many are drawn: clouds, along each input, and corners at most. */
const draws = { cloud: 3000, single: 200, corners: 256 };

/**
 * Fresh inputs of a region: with distances, clouds of sizes that are even in their logarithm, and points along single
 * inputs; within bounds, the box evenly, its corners and the middles of its sides; with pairs, more of the same.
 */
export function drawRegion(problem: CertaintyProblem, region: StatedRegion): RegionInputs {
  const { inputDimension: d, seed, index, pairs } = problem;
  const random = randomStream('certainty region', seed, index);
  if (region.kind === 'pairs' && pairs !== undefined) {
    return { inputs: pairs.fresh(draws.cloud), count: draws.cloud };
  }
  const rows: number[][] = [];
  const ranges = problem.options.bounds;
  if (region.kind === 'bounds' && ranges) {
    const [lower, upper] = [0, 1].map((side) =>
      Array.from({ length: d }, (_, k) => ranges[ranges.length === 1 ? 0 : k][side]),
    );
    const at = (k: number, share: number) => lower[k] + share * (upper[k] - lower[k]);
    const row = (share: (k: number) => number) => Array.from({ length: d }, (_, k) => at(k, share(k)));
    for (let n = 0; n < draws.cloud; n++) rows.push(row(() => random.uniform()));
    for (let n = 0; n < Math.min(2 ** d, draws.corners); n++) rows.push(row((k) => (n >> k) & 1));
    for (let k = 0; k < d; k++) for (const side of [0, 1]) rows.push(row((i) => (i === k ? side : 0.5)));
  } else {
    const { least, most, around } = region;
    const place = (k: number, value: number) => (around?.shifts[k] ?? 0) + (around?.scales[k] ?? 1) * value;
    const size = () => least * (most / least) ** random.uniform();
    for (let n = 0; n < draws.cloud; n++) {
      const own = size();
      rows.push(Array.from({ length: d }, (_, k) => place(k, own * random.normal())));
    }
    for (let n = 0; n < draws.single * d; n++) {
      const value = size() * random.normal();
      rows.push(Array.from({ length: d }, (_, k) => place(k, k === n % d ? value : 0)));
    }
  }
  return { inputs: Float64Array.from(rows.flat()), count: rows.length };
}

/** The size of every input: half the width of the bounds, the deviation of the pairs, or 1. */
export function unitsOf({ inputDimension: d, options, pairs }: CertaintyProblem): number[] {
  return Array.from({ length: d }, (_, k) => {
    if (options.bounds) {
      const [lower, upper] = options.bounds[options.bounds.length === 1 ? 0 : k];
      return (upper - lower) / 2;
    }
    if (pairs === undefined) return 1;
    const { inputs, count } = pairs.dataset;
    let [mean, square] = [0, 0];
    for (let n = 0; n < count; n++) mean += inputs[n * d + k] / count;
    for (let n = 0; n < count; n++) square += (inputs[n * d + k] - mean) ** 2 / count;
    return Math.sqrt(square) || 1;
  });
}
