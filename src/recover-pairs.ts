import { firstNonFinite } from './base/checks.js';
import { InputError } from './base/errors.js';
import { listNumbers } from './certify/unseen.js';
import { limitTime } from './ending/unfinished.js';
import { type RecoverOptions, resolveOptions } from './options.js';
import { conditionInputs, type InputConditioning } from './query/condition.js';
import { pairsAsSource } from './query/pairs.js';
import type { Dataset, Layer, Network } from './records.js';
import { recoverFrom } from './recover.js';
import type { Environment, Recovery } from './recovery.js';

/** Options of a recovery from given pairs: nothing is asked, so there is no budget. */
export type RecoverPairsOptions = Omit<RecoverOptions, 'inputDimension' | 'budget'>;

/**
 * Recovers a network from pairs of inputs and outputs alone: no subspace, a held-out
 * part of the pairs in place of fresh queries, and otherwise the same steps. Throws `InputError` when an
 * option is wrong or the pairs are not count × d and count × o finite numbers.
 */
export async function recoverFromPairs(
  pairs: Dataset,
  options: RecoverPairsOptions,
  environment: Environment,
): Promise<Recovery> {
  checkPairs(pairs);
  const settings = resolveOptions({ ...options, inputDimension: pairs.inputDimension });
  const { pairs: seen, conditioning } = conditionInputs(pairs);
  if (conditioning.varying.length === 0) {
    throw new InputError('the inputs are the same in every pair, expected inputs that vary');
  }
  const { shifts, scales } = conditioning;
  const isAsGiven = shifts.every((shift) => shift === 0) && scales.every((scale) => scale === 1);
  const frame = isAsGiven ? undefined : { shifts, scales };
  const limited = limitTime(environment, settings.time);
  const recovery = await recoverFrom(pairsAsSource(seen, settings.seed, frame), settings, limited);
  return restoreInputs(recovery, conditioning, pairs);
}

/** Fewest pairs: with less, nothing is left to hold out. */
const fewestPairs = 20;

function checkPairs({ inputs, outputs, count, inputDimension: d, outputDimension: o }: Dataset): void {
  if (!(inputs instanceof Float64Array) || !(outputs instanceof Float64Array)) {
    throw new InputError('inputs and outputs of the pairs must be Float64Arrays');
  }
  if (!Number.isInteger(count) || count < fewestPairs) {
    throw new InputError(`there are ${count} pairs, expected at least ${fewestPairs}`);
  }
  for (const [name, values, width] of [
    ['inputs', inputs, d],
    ['outputs', outputs, o],
  ] as const) {
    if (!Number.isInteger(width) || width < 1 || values.length !== count * width) {
      throw new InputError(`the pairs hold ${values.length} ${name}, expected ${count} × ${width}`);
    }
    const bad = firstNonFinite(values);
    if (bad >= 0) {
      throw new InputError(
        `the ${name} hold ${values[bad]} in pair ${Math.floor(bad / width)}, expected a finite number`,
      );
    }
  }
}

/** The recovery for inputs as they are in the pairs. */
function restoreInputs(recovery: Recovery, conditioning: InputConditioning, pairs: Dataset): Recovery {
  const { network, evidence } = recovery;
  const { constant, varying } = conditioning;
  const { certificate } = evidence;
  const identifiability = certificate && {
    ...certificate.identifiability,
    standardErrors: restoreErrors(
      certificate.identifiability.standardErrors,
      network?.layers[0].outputs ?? 0,
      varying,
      pairs.inputDimension,
      network?.paths === undefined ? 0 : pairs.outputDimension,
    ),
  };
  const restored = {
    ...recovery,
    evidence: {
      ...evidence,
      ...(certificate && identifiability && { certificate: { ...certificate, identifiability } }),
      pairs: { count: pairs.count, ...conditioning },
    },
  };
  if (network === null) return restored;
  const [first, ...others] = network.layers;
  const whole: Network = {
    ...network,
    layers: [restoreLayer(first, conditioning.varying, pairs.inputDimension), ...others],
    ...(network.paths && {
      paths: network.paths.map((path) => ({
        ...path,
        weights: restoreColumns(path.weights, conditioning.varying, pairs.inputDimension),
      })),
    }),
  };
  const unknown = `the data do not determine the weights of ${listNumbers('input', constant)}, which never ${constant.length === 1 ? 'varies' : 'vary'} in them`;
  const isKnown = constant.length === 0 || recovery.verdict !== 'identified';
  return {
    ...restored,
    network: whole,
    ...(isKnown ? {} : { verdict: 'imitated', reason: `${recovery.reason}, but ${unknown}` }),
  };
}

/** The first layer for all d inputs: weights of inputs that never vary are 0. */
function restoreLayer(layer: Layer, varying: readonly number[], d: number): Layer {
  const weights = restoreColumns(layer.weights, varying, d);
  return { inputs: d, outputs: layer.outputs, weights, biases: layer.biases };
}

/** Weights of all d inputs: 0 for those that never vary. */
function restoreColumns(of: Float64Array, varying: readonly number[], d: number): Float64Array {
  const k = varying.length;
  const rows = of.length / k;
  const weights = new Float64Array(rows * d);
  for (let j = 0; j < rows; j++) {
    varying.forEach((input, i) => {
      weights[j * d + input] = of[j * k + i];
    });
  }
  return weights;
}

/**
 * Standard errors for all d inputs: infinite for those that never vary. Of one hidden layer with a path from the inputs
 * the last `pathRows` rows have the inputs before their bias.
 */
function restoreErrors(
  errors: Float64Array,
  m: number,
  varying: readonly number[],
  d: number,
  pathRows: number,
): Float64Array {
  const k = varying.length;
  const length = errors.length + (m + pathRows) * (d - k);
  const restored = new Float64Array(length).fill(Number.POSITIVE_INFINITY);
  for (let j = 0; j < m; j++) {
    varying.forEach((input, i) => {
      restored[j * (d + 1) + input] = errors[j * (k + 1) + i];
    });
    restored[j * (d + 1) + d] = errors[j * (k + 1) + k];
  }
  const [from, to] = [m * (k + 1), m * (d + 1)];
  if (pathRows === 0) restored.set(errors.subarray(from), to);
  for (let o = 0; o < pathRows; o++) {
    const [row, place] = [from + o * (m + k + 1), to + o * (m + d + 1)];
    restored.set(errors.subarray(row, row + m), place);
    varying.forEach((input, i) => {
      restored[place + m + input] = errors[row + m + i];
    });
    restored[place + m + d] = errors[row + m + k];
  }
  return restored;
}
