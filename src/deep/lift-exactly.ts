import type { DeepNetwork } from '../network/deep.js';
import { type OutsideFit, outsideQueries, planOutside, refineOutside } from '../polish/refine-outside.js';
import type { Problem } from '../problem/problem.js';
import { scaleAnswers } from '../query/precision.js';
import { containCoordinates, liftIncoming, liftInputs, type Subspace } from '../query/subspace.js';

/** Corrections that are larger than this, relative to a neuron's weights, are followed by others, up to so many in all. */
const largeCorrection = 1e-8;
const mostPasses = 3;

/** A network inside a subspace as one in the whole input space. */
export function liftNetwork({ shape, parameters }: DeepNetwork, subspace: Subspace): DeepNetwork {
  const end = shape.widths[0] * (shape.inputs + 1);
  const first = liftIncoming(subspace, parameters.slice(0, end));
  const lifted = new Float64Array(first.length + parameters.length - end);
  lifted.set(first);
  lifted.set(parameters.subarray(end), first.length);
  return { shape: { ...shape, inputs: subspace.inputDimension }, parameters: lifted };
}

/**
 * A network inside a subspace as one in the whole input space, and what the subspace's own inaccuracy hides of its
 * first layer, measured there (method.md §8) on queries of a spread. Without a skip path; θ for scaled outputs.
 */
export async function liftExactly(
  network: DeepNetwork,
  subspace: Subspace,
  { source, statistics, accuracy }: Pick<Problem, 'source' | 'statistics' | 'accuracy'>,
  { seed, spread }: { readonly seed: number; readonly spread: number },
): Promise<{ fit: OutsideFit; whole: DeepNetwork }> {
  const d = source.inputDimension;
  const whole = liftNetwork(network, subspace);
  const plan = planOutside(network, whole, seed, spread, source.reach, (centres, limit) =>
    containCoordinates(subspace, centres, limit),
  );
  source.reserve(plan.count * d);
  const queries = outsideQueries(plan, liftInputs(subspace, plan.centres), d);
  const answers = scaleAnswers(
    await source.ask(queries, plan.count * d, 'outside the row space'),
    statistics.scales,
  );
  const floor =
    accuracy.noise + statistics.roundoff ** 2 * statistics.scaledSquare + (statistics.headRounding ?? 0);
  let fit: OutsideFit;
  let largestCorrection = 0;
  let passes = 0;
  // what a correction leaves is of second order in it
  do {
    fit = refineOutside(whole, subspace.basis, plan, queries, answers, floor);
    whole.parameters.set(fit.incoming);
    largestCorrection = Math.max(largestCorrection, fit.largestCorrection);
    passes++;
  } while (passes < mostPasses && fit.largestCorrection > largeCorrection);
  return { fit: { ...fit, largestCorrection }, whole };
}
