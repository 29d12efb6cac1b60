import { certify } from '../certify/certify.js';
import { isAtFloor, isFittedToFloor, largestAcceptedError } from '../certify/judge.js';
import type { Polished } from '../ending/context.js';
import { isSmooth } from '../network/families.js';
import { saturates } from '../network/head.js';
import { nameFamily } from '../polish/name-family.js';
import { type PolishedDeep, polishSlope } from '../polish/polish-deep.js';
import { accuracyOf, type Search } from '../problem/problem.js';
import type { Collection } from '../query/collect.js';
import { scaleOutputs } from '../query/precision.js';
import { type Dataset, joinPairs } from '../records.js';
import { askWhereRare } from './ask-where-rare.js';
import { liftExactly } from './lift-exactly.js';

/** A network that descended to its floor, and what is known of it. */
interface Descended extends Pick<Polished, 'deletions' | 'agreement'> {
  readonly polished: PolishedDeep;
  /** The samples that it was fitted to. */
  readonly samples: Dataset;
}

/** Where more samples come from, and what a descent on them may leave. */
export interface Determining {
  readonly isInside: boolean;
  readonly spread: number;
  readonly collection: Collection;
  readonly floor: number;
  readonly heldOut: Dataset;
}

/**
 * A neuron of a deep ReLU network may be active at so few samples that they do not determine it: then others are chosen
 * where it is, beside so many times as many. Rounded answers may tell weights less accurately than is asked: then as many
 * samples come from so much farther out, where smooth networks are less nearly linear, and beside so many times as many.
 * Of sigmoid 7-6-4 (deep suite, three layers, 1, float32) 1,476 samples of spread 1 told the weights to 5.4e-3 of their
 * neuron, of spread 1.5 (as tanh) to 1.1e-3, of spread 4 to 6.9e-4.
 */
const moreSamples = { factors: [1, 4, 16], most: 40_000, farther: 4 };

/** Errors that even so many samples will not bring down to what is asked. */
const hopeless = 30 * largestAcceptedError;

/**
 * The network in the records of the ending, lifted out of a subspace where it lives in one. Where the samples do not
 * determine its weights, or not accurately enough, it descends again, with others at which neurons are active that rarely
 * are, with others from farther out, and with more.
 */
export async function determineWeights(
  { polished, samples, deletions, agreement }: Descended,
  how: Determining,
  context: Search,
): Promise<Polished> {
  const { problem, attempt } = context;
  const { subspace, source, task } = problem;
  const { settings, environment } = attempt;
  const { fitter, kernels } = environment;
  const lifted = async (fitted: PolishedDeep, dataset: Dataset): Promise<Polished> => {
    const network = { ...fitted, ...nameFamily(fitted, settings.activation) };
    const bare = { network, dataset, deletions, agreement };
    if (!how.isInside || subspace === undefined) return bare;
    const at = { seed: settings.seed, spread: how.spread };
    const { whole, fit } = await liftExactly(network, subspace, problem, at);
    return { ...bare, lifted: { whole, basis: subspace.basis, ...fit } };
  };
  const certificateOf = (own: Polished) => {
    const input = { ...own, heldOut: how.heldOut, frame: source.frame, accuracy: accuracyOf(problem) };
    return certify(input, kernels).certificate;
  };
  let current = await lifted(polished, samples);
  let certificate = certificateOf(current);
  for (const factor of moreSamples.factors) {
    const { fullRank, largestRelativeError } = certificate.identifiability;
    const isFound = fullRank && isAtFloor(certificate);
    if (isFound && (largestRelativeError <= largestAcceptedError || largestRelativeError > hopeless)) break;
    const count = factor * samples.count;
    if (factor > 1 && count > Math.min(moreSamples.most, task.available)) break;
    const more = await moreFor(current.network, count, factor === 1, how, context);
    if (more === undefined) continue;
    const again = await polishSlope(current.network, more, fitter);
    const next = await lifted(again, more);
    const nextCertificate = certificateOf(next);
    if (!(again.loss <= how.floor) && !isFittedToFloor(nextCertificate)) break;
    [current, certificate] = [next, nextCertificate];
  }
  return current;
}

/** So many usual samples, with others where neurons are active that rarely are, or from farther out; none without those if `isSame`. */
async function moreFor(
  network: PolishedDeep,
  count: number,
  isSame: boolean,
  { spread, collection }: Determining,
  { problem, attempt }: Search,
): Promise<Dataset | undefined> {
  const { source, statistics } = problem;
  const take = async (own: number) => scaleOutputs(await collection.take(own, count), statistics.scales);
  const usual = await take(spread);
  const rare = await askWhereRare(network, usual, spread, problem, attempt.settings.seed);
  const { activation, activations = [activation] } = network.shape;
  // behind a head that saturates less is seen from farther out
  if (activations.every(isSmooth) && source.reach > 0 && !saturates(source.head?.head)) {
    return joinPairs(rare ?? usual, await take(moreSamples.farther * spread));
  }
  return rare ?? (isSame ? undefined : usual);
}
