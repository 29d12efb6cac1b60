import { activations } from '../../network/activations.js';
import { forward } from '../../network/forward.js';
import type { Network } from '../../records.js';
import type { Recovery } from '../../recovery.js';
import { alignTruth } from './align-truth.js';
import { errorBound, flattenNetwork } from './error-bound.js';
import { largestNeuronError } from './neuron-errors.js';
import type { CertaintyProblem } from './problem.js';
import { reduceTruth } from './reduce-truth.js';
import { drawRegion, type RegionInputs, type StatedRegion, statedRegion, unitsOf } from './region.js';

/** What the truth says of a recovery that was called identified. */
export interface Judged {
  /** Why the verdict is false, in words; null where it holds. */
  readonly falsely: string | null;
  /** Largest error of an output in the stated region relative to what is allowed there. */
  readonly functionRatio: number;
  /** |error| / standard error of every weight; null where the truth is no network or a neuron has no counterpart. */
  readonly ratios: Float64Array | null;
}

/**
 * What an output may be off by. Float64 arithmetic: products each rounded to 2⁻⁵³, in the last descent on samples of
 * which some are worse; 1,000 of these roundings, added up however they are correlated, are left far behind by a wrong
 * network. An answer's own rounding or noise (a standard deviation): `answers` of them. A weight: so many standard
 * errors, added up in the same way.
 */
const allowed = { roundings: 1000, answers: 8, standardErrors: 8 };

/** The same without standard errors, for a network of which a neuron is missing: nobody can tell it from the truth. */
const indistinguishable = { roundings: 30, answers: 8 };

/** A neuron's weights may be off by so many of its standard errors, and so many roundings of its size. */
const allowedOfNeuron = { standardErrors: 10, roundings: 1000 };

/** Largest ratio of the misfit to what rounding and noise make it up to which standard errors are taken as they are. */
const excusedMisfit = 10;

const roundoff = 2 ** -53;

/** Whether a verdict `identified` is true of the region that it is stated for (docs/suite.md). */
export function judgeRecovery(asked: CertaintyProblem, recovery: Recovery): Judged {
  const problem = withinClips(asked, recovery);
  const network = plainName(recovery.network!, problem.truth);
  const region = statedRegion(problem, recovery);
  const drawn = drawRegion(problem, region);
  const sizes = standardErrorsOf(recovery, network);
  const near = nearInputs(problem, region, drawn);
  const share = honestShare(problem, recovery, network, near);
  const slope =
    network.activation === 'leaky_relu'
      ? share * (recovery.evidence.certificate?.identifiability.largestRelativeError ?? 0)
      : 0;
  const off = measureFunction(problem, network, drawn, allowed, {
    sizes: sizes.map((size) => share * size),
    slope,
  });
  const wrongWeights = judgeWeights(problem, unitsOf(problem), network, sizes, () => {
    return {
      reduced: problem.truth && reduceTruth(problem.truth, problem, region, drawn),
      isRight:
        measureFunction(problem, network, drawn, { ...indistinguishable, standardErrors: 0 }).ratio <= 1,
    };
  });
  const wrongFunction =
    off.ratio <= 1
      ? null
      : `${off.contradicted} of ${drawn.count} fresh queries in the stated region are off by more than is allowed, by up to ${off.ratio.toExponential(1)} times that (${off.error.toExponential(1)} at (${off.at.map((x) => x.toPrecision(4)).join(', ')}))`;
  return {
    falsely: wrongFunction ?? wrongWeights.reason,
    functionRatio: off.ratio,
    ratios: wrongWeights.ratios,
  };
}

/** The problem within the bounds that a recovery found for itself, where its target clips inputs. */
function withinClips(problem: CertaintyProblem, { evidence: { clipped } }: Recovery): CertaintyProblem {
  if (clipped === undefined) return problem;
  const bounds = Array.from(clipped.lower, (low, k) => [low, clipped.upper[k]] as const);
  return { ...problem, options: { ...problem.options, bounds } };
}

/** Leaky ReLU without a slope is ReLU, where the truth calls it so. */
function plainName(network: Network, truth: Network | null): Network {
  const isReLU = network.activation === 'leaky_relu' && Math.abs(network.slope) < 1e-12;
  return isReLU && truth?.activation === 'relu' ? { ...network, activation: 'relu', slope: 0 } : network;
}

/** The certificate's standard errors, in the order of `flattenNetwork`; zeros where there are none. */
function standardErrorsOf({ evidence }: Recovery, network: Network): Float64Array {
  const stated = evidence.certificate?.identifiability.standardErrors;
  const length = flattenNetwork(network).length;
  if (stated === undefined || stated.length !== length) return new Float64Array(length);
  return stated.map((error) => (Number.isFinite(error) ? error : 0));
}

/**
 * The share of the standard errors that counts. Where the floor that they are computed from, or the misfit that was
 * reached, is more than ten times what the rounding and the noise of this target make it, they would excuse a wrong
 * network by its being wrong.
 */
function honestShare(
  problem: CertaintyProblem,
  { loss, floor }: Recovery,
  network: Network,
  near: RegionInputs,
): number {
  const used = Math.max(loss ?? 0, floor ?? 0);
  if (!(used > 0)) return 1;
  const exact = problem.exact(near.inputs, near.count);
  const o = exact.length / near.count;
  const answers = problem.pairs ? undefined : (problem.answers()(near.inputs, near.count) as Float64Array);
  const rounding = errorBound(
    network,
    roundings(network, indistinguishable.roundings),
    near.inputs,
    near.count,
  );
  let [noise, variance] = [0, 0];
  for (let k = 0; k < o; k++) {
    let mean = 0;
    for (let n = 0; n < near.count; n++) mean += exact[n * o + k] / near.count;
    for (let n = 0; n < near.count; n++) {
      const i = n * o + k;
      const own = answers ? answers[i] - exact[i] : problem.precision.relative * exact[i];
      noise += own ** 2 + rounding[i] ** 2;
      variance += (exact[i] - mean) ** 2;
    }
  }
  const explained = noise / variance;
  return Number.isFinite(explained) ? Math.min(1, excusedMisfit * Math.sqrt(explained / used)) : 1;
}

/** Inputs like those of the last descent: a cloud of spread 2 where distances are counted from, the box, the pairs. */
function nearInputs(problem: CertaintyProblem, region: StatedRegion, drawn: RegionInputs): RegionInputs {
  const count = Math.min(drawn.count, 500);
  if (problem.pairs || problem.options.bounds) {
    return { inputs: drawn.inputs.slice(0, count * problem.inputDimension), count };
  }
  return drawRegion(problem, { ...region, kind: 'distances', least: 2, most: 2 });
}

const roundings = (network: Network, count: number, internal = 0) => ({
  sizes: flattenNetwork(network).map((value) => (count * roundoff + internal) * Math.abs(value)),
  slope: count * roundoff,
});

/** The largest error of the outputs in the region relative to what is allowed. */
function measureFunction(
  { exact, rounding, precision, truth, inputDimension: d }: CertaintyProblem,
  network: Network,
  { inputs, count }: RegionInputs,
  may: { readonly roundings: number; readonly answers: number; readonly standardErrors: number },
  errors?: { readonly sizes: Float64Array; readonly slope: number },
): { ratio: number; error: number; contradicted: number; at: number[] } {
  const base = roundings(network, may.roundings, may.answers * precision.internal);
  const sizes = base.sizes.map((size, i) => size + may.standardErrors * (errors?.sizes[i] ?? 0));
  const slope = base.slope + may.standardErrors * (errors?.slope ?? 0);
  const bound = errorBound(network, { sizes, slope }, inputs, count);
  const [found, expected] = [forward(network, inputs, count), exact(inputs, count)];
  const ofArguments = rounding?.(inputs, count);
  // neurons of the target that nearly cancel are rounded each for itself
  const ofTruth = truth && errorBound(truth, roundings(truth, may.roundings), inputs, count);
  const o = expected.length / count;
  const worst = { ratio: 0, error: 0, contradicted: 0, at: [] as number[] };
  for (let n = 0; n < count; n++) {
    let isOff = false;
    for (let k = 0; k < o; k++) {
      const i = n * o + k;
      const limit =
        bound[i] +
        (ofTruth?.[i] ?? 0) +
        may.roundings * roundoff * Math.abs(expected[i]) +
        may.answers *
          (precision.relative * Math.abs(expected[i]) + precision.absolute + (ofArguments?.[i] ?? 0));
      const error = Math.abs(found[i] - expected[i]);
      if (!Number.isFinite(expected[i]) || error <= 0) continue;
      isOff ||= !(error <= limit);
      const ratio = Number.isNaN(error / limit) ? Number.POSITIVE_INFINITY : error / limit;
      if (ratio <= worst.ratio) continue;
      Object.assign(worst, { ratio, error, at: [...inputs.subarray(n * d, (n + 1) * d)] });
    }
    if (isOff) worst.contradicted++;
  }
  return worst;
}

/** What the weights say: the reason why they are wrong, or null; and their errors in standard errors. */
function judgeWeights(
  { truth }: CertaintyProblem,
  inputUnits: readonly number[],
  network: Network,
  standardErrors: Float64Array,
  measure: () => { reduced: Network | null; isRight: boolean },
): { reason: string | null; ratios: Float64Array | null } {
  if (truth === null) return { reason: null, ratios: null };
  const { reduced, isRight } = measure();
  if (reduced === null) return { reason: null, ratios: null };
  const [hasPath, wantsPath] = [network, reduced].map(({ paths }) => paths !== undefined);
  if (hasPath !== wantsPath) {
    return { reason: isRight ? null : `a linear path is ${hasPath ? 'in excess' : 'missing'}`, ratios: null };
  }
  const aligned = alignTruth(network, reduced);
  const widths = (of: Network) => of.layers.slice(0, -1).map(({ outputs }) => outputs);
  if (aligned.truth === null) {
    const [found, known] = [widths(network), widths(reduced)];
    const total = (list: readonly number[]) => list.reduce((sum, width) => sum + width, 0);
    // fewer neurons that nobody can tell from the target: none is missing as far as anyone can know
    if (isRight && found.length <= known.length && total(found) < total(known))
      return { reason: null, ratios: null };
    const { missing, excess } = aligned.comparison;
    const reason = `${found.join('-')} ${network.activation} neurons for ${known.join('-')} ${reduced.activation}: ${total(missing)} missing, ${total(excess)} in excess`;
    return { reason, ratios: null };
  }
  const [found, known] = [flattenNetwork(network), flattenNetwork(aligned.truth)];
  // a weight without a standard error has no ratio; whether it is right is judged with its neuron
  const ratios = found
    .map((value, i) => (value === known[i] ? 0 : Math.abs(value - known[i]) / standardErrors[i]))
    .filter(Number.isFinite);
  const worst = largestNeuronError(
    network,
    found,
    known,
    standardErrors,
    allowedOfNeuron,
    roundoff,
    inputUnits,
  );
  const isSlopeRight =
    !activations[network.activation].homogeneous ||
    isRight ||
    Math.abs(network.slope - aligned.truth.slope) <= 1e-3 * Math.max(aligned.truth.slope, 1e-2);
  if (worst.ratio > 1) {
    return {
      reason: `the weights of neuron ${worst.neuron} of layer ${worst.layer} are off by ${worst.relative.toExponential(1)} of their size, ${worst.inStandardErrors.toPrecision(3)} of their standard errors`,
      ratios,
    };
  }
  return {
    reason: isSlopeRight ? null : `the slope is ${network.slope}, not ${aligned.truth.slope}`,
    ratios,
  };
}
