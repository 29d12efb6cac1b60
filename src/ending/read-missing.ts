import { activationOf, type DeepNetwork } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { residualsOf } from '../polish/loss.js';
import { scaleOutputs } from '../query/precision.js';
import { type Dataset, joinPairs, pairsAt } from '../records.js';
import { apart } from './ask-around.js';
import type { EndingContext } from './context.js';
import { alongMainOutput, outgoingFor, withNeuron } from './missing-neuron.js';
import { errorsOf, walkWhereWrong } from './walk-where-wrong.js';

/** Places of every walk, for each number that a neuron of the last hidden layer sees. */
const placesPerWeight = 8;

/** What an affine function may leave of the errors' squares where one neuron makes all of them. */
const explained = 1e-8;

/** And so many times what rounding makes of each of them. */
const roundings = 10;

/**
 * Answers at which the neuron must be silent weigh so much beside those at which it is heard, where it would not be; and
 * how often they are looked at again.
 */
const silence = { weight: 1e-4, margin: 1e-3, rounds: 30, tolerance: 1e-9 };

/**
 * The network with a neuron more in its last hidden layer, read off the errors where answers contradict it: where a
 * piecewise linear neuron is on, what it gives is affine in what the layer sees, so that enough places there tell its
 * weights by linear least squares, and answers that are right say of the others that it is off. Undefined where no one
 * neuron of that layer explains the errors. `wrong` is unscaled, `usual` scaled.
 */
export async function readMissing(
  network: DeepNetwork,
  wrong: Dataset,
  usual: Dataset,
  context: EndingContext,
): Promise<{ readonly network: DeepNetwork; readonly places: Dataset } | undefined> {
  const { shape } = network;
  const layer = shape.widths.length - 1;
  if (activationOf(shape, layer) !== 'relu' || context.source.reach === 0 || context.source.grid)
    return undefined;
  const seen = (layer === 0 ? shape.inputs : shape.widths[layer - 1]) + 1;
  const { accuracy } = context;
  const erring = rowsWhere(wrong, errorsOf(network, scaleOutputs(wrong, accuracy.scales), accuracy), true);
  if (erring.count === 0) return undefined;
  const starts = pairsAt(erring, apart(erring));
  const walked = await walkWhereWrong(network, starts, placesPerWeight * seen, context);
  const right = rowsWhere(usual, errorsOf(network, usual, accuracy), false);
  const silent = walked.right === undefined ? right : joinPairs(right, walked.right);
  // one neuron makes all errors, or else those of a walk; a descent sees walks alone, as many errors are far out, where
  // answers are rounded coarsely
  const walks = walked.wrong.reduce(joinPairs);
  const all = joinPairs(walks, scaleOutputs(erring, accuracy.scales));
  const groups = [{ told: all, places: walks }, ...walked.wrong.map((told) => ({ told, places: told }))];
  for (const { told, places } of groups) {
    const incoming = incomingOf(network, told, silent, accuracy.roundoff);
    if (incoming === undefined) continue;
    const outgoing = outgoingFor(
      network,
      layer,
      incoming,
      givenTo(network, told),
      residualsOf(network, told),
      told,
    );
    if (outgoing) return { network: withNeuron(network, layer, incoming, outgoing), places };
  }
  return undefined;
}

const givenTo = (network: DeepNetwork, dataset: Dataset): Float64Array => {
  const layer = network.shape.widths.length - 1;
  return layer === 0 ? dataset.inputs : hiddenFeatures(network, dataset, layer - 1);
};

/** The incoming vector (bias last) of the neuron that makes all errors at `places` and none at `silent`. */
export function incomingOf(
  network: DeepNetwork,
  places: Dataset,
  silent: Dataset,
  roundoff: number,
): Float64Array | undefined {
  const along = alongMainOutput(residualsOf(network, places), places.count);
  const sign = Math.sign(along.reduce((sum, value) => sum + value, 0)) || 1;
  const heard = affineRows(givenTo(network, places), places.count);
  const width = heard.rows.length / places.count;
  const quiet = affineRows(givenTo(network, silent), silent.count);
  const values = along.map((value, n) => (sign * value) / heard.sizes[n]);
  const square = values.reduce((sum, value) => sum + value ** 2, 0);
  if (!(square > 0) || places.count < width + 1) return undefined;
  const most = Math.max(explained * square, roundingOf(places, heard.sizes, roundings * roundoff));
  let off: number[] = [];
  let length = 0;
  for (let round = 0; round < silence.rounds; round++) {
    const count = places.count + off.length;
    const rows = new Float64Array(count * width);
    rows.set(heard.rows);
    off.forEach((n, i) => {
      for (let k = 0; k < width; k++)
        rows[(places.count + i) * width + k] = silence.weight * quiet.rows[n * width + k];
    });
    const wanted = new Float64Array(count).fill(-silence.weight * silence.margin * length);
    wanted.set(values);
    const { coefficients } = solveLeastSquares(rows, wanted, count, width, 1, 1e-11);
    if (!(errorOf(heard.rows, coefficients, values) <= most)) return undefined;
    length = Math.hypot(...coefficients);
    const sums = Float64Array.from(quiet.sizes, (_, n) => product(quiet.rows, n, coefficients));
    if (sums.every((z) => z <= silence.tolerance * length)) return coefficients.map((w) => w / length);
    // those that are pulled back to the margin from further below are free again
    const least = (n: number) => (off.includes(n) ? -1.5 * silence.margin * length : 0);
    off = [...sums.keys()].filter((n) => sums[n] > least(n));
  }
  return undefined;
}

/** Rows (values, 1) of what a layer sees, each divided by its length. */
function affineRows(given: Float64Array, count: number) {
  const q = given.length / count;
  const rows = new Float64Array(count * (q + 1));
  const sizes = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    const own = given.subarray(n * q, (n + 1) * q);
    sizes[n] = Math.hypot(1, ...own);
    for (let k = 0; k < q; k++) rows[n * (q + 1) + k] = own[k] / sizes[n];
    rows[n * (q + 1) + q] = 1 / sizes[n];
  }
  return { rows, sizes };
}

/** What rounding makes of the squares of errors that are each divided by a size. */
function roundingOf({ outputs, count }: Dataset, sizes: Float64Array, roundoff: number): number {
  const o = outputs.length / count;
  return outputs.reduce((sum, y, i) => sum + ((roundoff * y) / sizes[Math.floor(i / o)]) ** 2, 0);
}

function errorOf(rows: Float64Array, weights: Float64Array, values: Float64Array): number {
  return values.reduce((sum, value, n) => sum + (value - product(rows, n, weights)) ** 2, 0);
}

function product(rows: Float64Array, n: number, weights: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < weights.length; k++) sum += weights[k] * rows[n * weights.length + k];
  return sum;
}

/** The pairs at which a network errs, or those at which it does not. */
const rowsWhere = (pairs: Dataset, errors: Float64Array, isError: boolean): Dataset =>
  pairsAt(
    pairs,
    [...errors.keys()].filter((n) => errors[n] > 0 === isError),
  );
