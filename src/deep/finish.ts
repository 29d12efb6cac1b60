import { networkFor } from '../ending/conclude.js';
import type { Finished } from '../ending/finished.js';
import { testDeepRivals, testMixedRivals } from '../ending/rivals.js';
import { candidatesFor } from '../expand/candidates.js';
import { chooseRivals } from '../expand/rivals.js';
import { type ActivationName, activations } from '../network/activations.js';
import type { DeepNetwork } from '../network/deep.js';
import { headOf, isBounded } from '../network/families.js';
import { descendToFloor, removeSuperfluousDeep } from '../polish/delete-deep.js';
import { samplesForPolish } from '../polish/polish-deep.js';
import type { Problem, Search } from '../problem/problem.js';
import { scaleOutputs } from '../query/precision.js';
import type { Source } from '../query/source.js';
import type { Assembled } from './assembled.js';
import { determineWeights } from './determine-weights.js';
import { liftNetwork } from './lift-exactly.js';

/** With more parameters than this in the whole space, the last descent stays inside the subspace. */
const largestWholeDescent = 3000;

/**
 * The last descent of a whole network: all layers descend together, lose what is superfluous, and descend again with
 * other samples where these do not determine them. Returns the reason in words where they do not come to the floor.
 */
export async function finishWhole(
  { network: assembled, spread, signs, agreement, evidenceOf }: Assembled,
  context: Search,
): Promise<Finished | string> {
  const { problem, attempt } = context;
  const { source, statistics, subspace, task } = problem;
  const { fitter } = attempt.training;
  attempt.journal.enter('polish');
  const start = liftToWhole(assembled, problem);
  const collection = start === assembled ? problem.inside : problem.whole;
  const samples = scaleOutputs(
    await collection.take(spread, samplesForPolish(start.shape)),
    statistics.scales,
  );
  const floor = 10 * task.tolerances.training;
  const variance = statistics.scaledVariance;
  const descended = await descendToFloor(start, samples, { floor, variance }, fitter);
  if (!(descended.loss <= floor)) {
    const share = (descended.loss / variance).toExponential(1);
    return `the layers together (${descended.shape.widths.join('-')}) leave ${share} of the variance`;
  }
  const { polished, deletions } = await removeSuperfluousDeep(descended, samples, floor, fitter);
  const isInside = subspace !== undefined && polished.shape.inputs !== source.inputDimension;
  const whole = isInside ? liftNetwork(polished, subspace) : polished;
  attempt.journal.keep(networkFor(source, whole, statistics.scales), polished.loss / variance);
  const heldOut = await source.drawHeldOut();
  const descendedWhole = { polished, deletions, agreement, samples };
  const determined = await determineWeights(
    descendedWhole,
    { isInside, spread, collection, floor, heldOut },
    context,
  );
  return {
    polished: determined,
    spread,
    heldOut,
    signs,
    holdAgainst: async ({ network, dataset }) => {
      const { tried, ruledOut } = rivalsOf(network.shape, attempt.settings.activation, source);
      const test = network.shape.activations ? testMixedRivals : testDeepRivals;
      return { tried, ruledOut, equal: await test(tried, network, dataset, floor, fitter) };
    },
    evidenceOf,
  };
}

/** Where the target was asked far out, and answered as the network does, it grows or stays bounded as that does. */
function rivalsOf(
  { activation, activations: several, normalised }: DeepNetwork['shape'],
  wanted: ActivationName | 'auto',
  source: Source,
) {
  // with an activation a layer, how the whole grows says nothing of one layer
  if (several !== undefined) return { tried: candidatesFor(wanted), ruledOut: [] };
  const trained = headOf(activations[activation].trained);
  const look = { grows: !isBounded(activation), activation: undefined };
  // behind a normalisation every activation stays bounded
  const isSeenFar = source.reach === Number.POSITIVE_INFINITY && !normalised;
  const candidate = { activation, trained, leaky: false };
  return chooseRivals(candidatesFor(wanted), { candidate, ...(isSeenFar && { look }) });
}

/** The network in the whole input space, unless it is too large for a descent there. */
function liftToWhole(network: DeepNetwork, { subspace }: Problem): DeepNetwork {
  if (subspace === undefined) return network;
  const whole = liftNetwork(network, subspace);
  return whole.parameters.length > largestWholeDescent ? network : whole;
}
