import { containsNeurons } from '../certify/agreement.js';
import type { Certificate } from '../certify/certificate.js';
import { certify } from '../certify/certify.js';
import { isAtFloor, judge } from '../certify/judge.js';
import { clusterStudents } from '../cluster/cluster.js';
import { type Concluded, conclude, networkFor } from '../ending/conclude.js';
import type { EndingContext, Polished } from '../ending/context.js';
import { describeCertified } from '../ending/outcome.js';
import { testDeepRivals, testMixedRivals } from '../ending/rivals.js';
import { type Candidate, candidatesFor } from '../expand/candidates.js';
import { chooseRivals } from '../expand/rivals.js';
import { type ActivationName, activations } from '../network/activations.js';
import type { DeepNetwork } from '../network/deep.js';
import { headOf, isBounded } from '../network/families.js';
import { splitParameters } from '../network/shallow.js';
import { assemble } from '../peel/assemble.js';
import { descendToFloor, removeSuperfluousDeep } from '../polish/delete-deep.js';
import { nameFamily } from '../polish/name-family.js';
import { polish, settle } from '../polish/polish.js';
import { type PolishedDeep, polishSlope, samplesForPolish } from '../polish/polish-deep.js';
import { accuracyOf, type Problem, type Search } from '../problem/problem.js';
import type { Collection } from '../query/collect.js';
import { scaleOutputs } from '../query/precision.js';
import type { Source } from '../query/source.js';
import { reconstruct } from '../reconstruct/reconstruct.js';
import { type Oriented, resolveMirrors } from '../reconstruct/resolve-mirrors.js';
import { resolveSigns } from '../reconstruct/signs.js';
import type { Dataset } from '../records.js';
import type { Evidence, Recovery } from '../recovery.js';
import { askWhereRare } from './ask-where-rare.js';
import { evidenceOf } from './evidence.js';
import { liftExactly, liftNetwork } from './lift-exactly.js';
import type { DeepFind } from './search-surfaces.js';
import { turnBefore, turnByTrial } from './turn-before.js';
import { turnByDescent } from './turn-by-descent.js';

/** A layer that is read off the far field is as right as this: signs must be explained to it. */
const peeledError = 1e-6;

/**
 * Behind layers that are not yet exact a network without its superfluous neurons may end at so many times the loss: a
 * softplus target (deep suite, 10, three hidden layers) kept a neuron too many then, whose sign nothing told.
 */
const lossWithoutSuperfluous = 30;

/** With more parameters than this in the whole space, the last descent stays inside the subspace. */
const largestWholeDescent = 3000;

/**
 * A neuron of a deep ReLU network may be active at so few samples that they do not determine it: then others are chosen
 * where it is, beside so many times as many.
 */
const moreSamples = { factors: [1, 4, 16], most: 40_000 };

/**
 * From known layers and students behind them to a recovery: the last hidden layer is clustered and reconstructed
 * as in a network with one hidden layer, all layers are put together, descend together and are tested for
 * superfluous neurons, and the certificate covers every layer (method.md §7). Returns the reason in words where
 * the pieces do not fit together. Where the last known layer is turned it begins anew, once: a turned layer is not
 * turned again.
 */
export async function finishDeep(find: DeepFind, context: Search): Promise<Recovery | string> {
  const { problem, attempt } = context;
  const { fitter, kernels } = attempt.environment;
  const { tolerances } = problem.task;
  attempt.journal.enter('cluster');
  const { students, dataset, candidate } = find.reached;
  const clustering = clusterStudents(students, dataset, kernels);
  attempt.journal.enter('reconstruct');
  const tolerance = Math.max(tolerances.training, students[0].loss * lossWithoutSuperfluous);
  const last = await reconstruct(clustering.incoming, students[0], dataset, tolerance, fitter);
  const { incoming } = splitParameters(last.shape, last.parameters);
  const settled = last.shape.skip
    ? await settle(last.shape, incoming, dataset, fitter)
    : { shape: last.shape, parameters: incoming };
  const { spread } = students[0];
  const turnedBefore = await turnBefore(find.peeled, settled, { dataset, spread }, context);
  if (turnedBefore !== undefined) return finishDeep({ ...find, ...turnedBefore }, context);
  const oriented = resolveMirrors(settled, candidate.activation, candidate.leaky, peeledError);
  const isExplained = oriented.signs === undefined || oriented.signs.kind === 'resolved';
  const turned = isExplained
    ? undefined
    : await turnByDescent(settled, find.peeled.layers, tolerance, dataset, fitter);
  const tryTurns = async (otherwise: string) => {
    const tried = await turnByTrial(find.peeled, settled, { dataset, spread, tolerance }, context);
    return tried === undefined ? otherwise : finishDeep({ ...find, ...tried }, context);
  };
  if (!isExplained && turned === undefined) {
    return tryTurns('the signs of the last hidden layer cannot be told from what students have beside it');
  }
  const { signs, incoming: own } = turned ?? oriented;
  const behind =
    turned?.behind ?? (await polish(oriented.activation, oriented.slope, oriented.incoming, dataset, fitter));
  const assembled = assemble(find.peeled, behind, (skip, maps, half) => {
    const resolved = resolveSigns(skip, maps, half, 1e-3);
    return resolved.kind === 'resolved' ? resolved : undefined;
  });
  if (assembled === undefined)
    return tryTurns('the signs of a hidden layer cannot be told from what the next one sees past it');

  const agreeing = students.filter((student) => containsNeurons(student, own, dataset)).length;
  return concludeDeep(
    assembled,
    {
      spread,
      signs,
      agreement: { students: students.length, agreeing },
      evidenceOf: (concluded) => evidenceOf(find, clustering, signs, concluded, context),
    },
    context,
  );
}

/** What is known of a network of several hidden layers before its last descent. */
export interface AssembledFrom {
  /** Spread of the queries that it is fitted to. */
  readonly spread: number;
  readonly signs: Oriented['signs'];
  readonly agreement: Certificate['agreement'];
  readonly evidenceOf: (concluded: Concluded) => Evidence;
}

/**
 * From a whole network (scaled outputs, in the coordinates of the search) to a recovery: all layers descend together,
 * lose what is superfluous, and are certified. Returns the reason in words where they do not come to the floor.
 */
export async function concludeDeep(
  assembled: DeepNetwork,
  { spread, signs, agreement, evidenceOf: describe }: AssembledFrom,
  context: Search,
): Promise<Recovery | string> {
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
  attempt.journal.enter('certify');
  const heldOut = await source.drawHeldOut();
  const descendedWhole = { polished, deletions, agreement, samples };
  const determined = await determineWeights(
    descendedWhole,
    { isInside, spread, collection, floor, heldOut },
    context,
  );
  const concluded = await conclude(determined, heldOut, endingOf(spread, context));
  const final = concluded.polished;
  const { tried, ruledOut } = rivalsOf(final.network.shape, attempt.settings.activation, source);
  const test = final.network.shape.activations ? testMixedRivals : testDeepRivals;
  const equal = await test(tried, final.network, final.dataset, floor, fitter);
  const tested = { tried: tried.map(nameOf), equal: equal.map(nameOf), ruledOut: ruledOut.map(nameOf) };
  return {
    ...judge(concluded.certificate, final.network.shape, signs, tested.equal),
    ...describeCertified(concluded.network, concluded.certificate, source, statistics),
    evidence: { ...describe(concluded), rivals: tested },
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

const nameOf = ({ activation }: Candidate) => activation;

/** What the ending of a recovery needs of the search. */
function endingOf(spread: number, { problem, attempt }: Search): EndingContext {
  const { source, accuracy, whole } = problem;
  const { relativeError } = accuracy;
  const { fitter, kernels } = attempt.environment;
  const { seed } = attempt.settings;
  return { seed, source, accuracy: accuracyOf(problem), relativeError, whole, spread, fitter, kernels };
}

/** A network that descended to its floor, and what is known of it. */
interface Descended extends Pick<Polished, 'deletions' | 'agreement'> {
  readonly polished: PolishedDeep;
  /** The samples that it was fitted to. */
  readonly samples: Dataset;
}

/**
 * The network in the records of the ending, lifted out of a subspace where it lives in one. Where the samples do not
 * determine its weights it descends again, with others at which neurons are active that rarely are, and with more.
 */
async function determineWeights(
  { polished, samples, deletions, agreement }: Descended,
  how: {
    readonly isInside: boolean;
    readonly spread: number;
    readonly collection: Collection;
    readonly floor: number;
    readonly heldOut: Dataset;
  },
  context: Search,
): Promise<Polished> {
  const { problem, attempt } = context;
  const { subspace, source, statistics } = problem;
  const { settings, environment } = attempt;
  const { fitter, kernels } = environment;
  const { seed } = settings;
  const { spread, collection, heldOut } = how;
  const lifted = async (fitted: PolishedDeep, dataset: Dataset): Promise<Polished> => {
    const network = { ...fitted, ...nameFamily(fitted, settings.activation) };
    const bare = { network, dataset, deletions, agreement };
    if (!how.isInside || subspace === undefined) return bare;
    const { whole, fit } = await liftExactly(network, subspace, problem, { seed, spread });
    return { ...bare, lifted: { whole, basis: subspace.basis, ...fit } };
  };
  const isDetermined = (own: Polished) => {
    const input = { ...own, heldOut, frame: source.frame, accuracy: accuracyOf(problem) };
    const { certificate } = certify(input, kernels);
    return certificate.identifiability.fullRank && isAtFloor(certificate);
  };
  let current = await lifted(polished, samples);
  for (const factor of moreSamples.factors) {
    if (isDetermined(current) || (factor > 1 && factor * samples.count > moreSamples.most)) break;
    const usual = scaleOutputs(await collection.take(spread, factor * samples.count), statistics.scales);
    const rare = await askWhereRare(current.network, usual, spread, problem, seed);
    if (rare === undefined && factor === 1) continue;
    const more = rare ?? usual;
    const again = await polishSlope(current.network, more, fitter);
    if (!(again.loss <= how.floor)) break;
    current = await lifted(again, more);
  }
  return current;
}

/** The network in the whole input space, unless it is too large for a descent there. */
function liftToWhole(network: DeepNetwork, { subspace }: Problem): DeepNetwork {
  if (subspace === undefined) return network;
  const whole = liftNetwork(network, subspace);
  return whole.parameters.length > largestWholeDescent ? network : whole;
}
