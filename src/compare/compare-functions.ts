import { type RandomStream, randomStream } from '../base/random.js';
import { forward } from '../network/forward.js';
import type { Frame } from '../network/frame.js';
import { type Grid, putOnGrid } from '../network/grid.js';
import type { Network } from '../records.js';
import { relative } from './compare-match.js';

/** Where two networks are compared as functions beside the usual cloud: sizes of inputs, or a box (d each). */
export type ComparedRegion =
  | { readonly sizes: readonly number[]; readonly around?: Frame }
  | { readonly lower: Float64Array; readonly upper: Float64Array };

/** Number of inputs for the function error, and the name of their random stream. */
const functionInputs = 2000;
const functionStream = 'compare with the truth';

/** Draws one input of d numbers. */
type Draw = (random: RandomStream, input: number) => number;

/**
 * How far two networks are from each other as functions: on the usual cloud and where a region was given; with a grid on
 * points of it.
 */
export function compareFunctions(
  recovered: Network,
  truth: Network,
  region: ComparedRegion | undefined,
  grid: Grid | undefined,
) {
  const usual =
    region === undefined || ('sizes' in region && region.around === undefined)
      ? [functionErrorOn(cloud(1), recovered, truth, grid)]
      : [];
  const regionErrors = region && errorsIn(region, recovered, truth, grid);
  const functionError = Math.max(...usual, ...(regionErrors ?? []).map((one) => one.functionError));
  return { functionError, ...(regionErrors && { regionErrors }) };
}

/** Standard-normal numbers times a size, in the coordinates of a frame where one is given. */
const cloud =
  (size: number, around?: Frame): Draw =>
  (random, k) =>
    (around?.shifts[k] ?? 0) + (around?.scales[k] ?? 1) * size * random.normal();

/** The function error at every size of a region, or inside of its box; with a grid on points of it. */
function errorsIn(region: ComparedRegion, recovered: Network, truth: Network, grid?: Grid) {
  if ('sizes' in region) {
    return region.sizes.map((size) => ({
      size,
      functionError: functionErrorOn(cloud(size, region.around), recovered, truth, grid),
    }));
  }
  const { lower, upper } = region;
  const inBox: Draw = (random, k) => lower[k] + random.uniform() * (upper[k] - lower[k]);
  const size = Math.max(...lower.map(Math.abs), ...upper.map(Math.abs));
  return [{ size, functionError: functionErrorOn(inBox, recovered, truth, grid) }];
}

/** The rms difference of the outputs relative to their deviation, or to their rms where they do not vary. */
function functionErrorOn(draw: Draw, recovered: Network, truth: Network, grid?: Grid): number {
  const random = randomStream(functionStream);
  const d = truth.layers[0].inputs;
  const inputs = Float64Array.from({ length: functionInputs * d }, (_, i) => draw(random, i % d));
  if (grid !== undefined) putOnGrid(grid, inputs, randomStream(functionStream, 'grid'));
  const expected = forward(truth, inputs, functionInputs);
  const found = forward(recovered, inputs, functionInputs);
  const outputs = expected.length / functionInputs;
  const mean = new Float64Array(outputs);
  // counted from the first row, so that outputs that do not vary have no deviation
  for (const [i, y] of expected.entries()) mean[i % outputs] += (y - expected[i % outputs]) / functionInputs;
  for (let o = 0; o < outputs; o++) mean[o] += expected[o];
  let difference = 0;
  let deviation = 0;
  let size = 0;
  for (const [i, y] of expected.entries()) {
    difference += (found[i] - y) ** 2;
    deviation += (y - mean[i % outputs]) ** 2;
    size += y ** 2;
  }
  return Math.sqrt(relative(difference, deviation > 1e-28 * size ? deviation : size));
}
