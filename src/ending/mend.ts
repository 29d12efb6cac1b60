import { randomStream } from '../base/random.js';
import { allowedMean, expectedOf } from '../certify/allowance.js';
import { type DeepNetwork, deepParameterCount } from '../network/deep.js';
import { liftThroughFrame, toInputs } from '../network/frame.js';
import { descendToFloor, removeSuperfluousDeep } from '../polish/delete-deep.js';
import { lossOf } from '../polish/loss.js';
import { descend, type PolishedDeep, samplesForPolish, untilMinimum } from '../polish/polish-deep.js';
import { toSums } from '../query/behind-head.js';
import { scaleOutputs } from '../query/precision.js';
import { type Dataset, firstPairs, joinPairs } from '../records.js';
import { askAround } from './ask-around.js';
import type { EndingContext, Polished } from './context.js';
import { followUsual } from './follow-usual.js';
import { candidatesAt, splitNeurons } from './missing-neuron.js';
import { readAnew } from './read-anew.js';
import { readMissing } from './read-missing.js';
import { turnMended } from './turn-mended.js';

/** Larger networks are not mended: every descent of one takes long. */
const mostParameters = 1500;

/** Neurons that are added one after another. */
const mostAdded = 4;

/**
 * Contradicted answers that are learnt from: those within a few times the distance of the nearest, as larger answers
 * are rounded more coarsely, but never too few.
 */
const learnt = { least: 20, most: 400, within: 4 };

/** With answers far out among the samples undamped steps follow the rounding of those. */
const damped = { lastSteps: false };

/** Places that are tried for a neuron: all descend a little, the best of them to the end. */
const tries = {
  least: 2,
  most: 32,
  first: { maxIterations: 10 },
  best: 2,
  last: { maxIterations: 200, patience: 20 },
};

/**
 * Products of the first descents of all tries together: 32 tries of a network with 100 parameters and 4000 samples take
 * 1.3e10; of one with 930 and 6000 they would take 1.7e12, more than ten minutes.
 */
const mostProducts = 1e11;

/** As many tries as their descents' normal matrices may cost. */
function triesFor({ parameters }: DeepNetwork, { count, outputDimension }: Dataset): number {
  const one = tries.first.maxIterations * count * outputDimension * parameters.length ** 2;
  return Math.min(tries.most, Math.max(tries.least, Math.floor(mostProducts / one)));
}

/** A neuron that was added must lower the loss to this share to be worth another. */
const progress = 0.5;

/** Deletion tests may leave so many times the loss of the whole. */
const afterwards = 10;

/**
 * Adds neurons to a network where answers contradict it: around some of them more is asked, the error there says where
 * a missing neuron of each layer may lie (`candidatesAt`), and the whole network descends with it. Undefined where no
 * neuron brings the loss down to what rounding and noise explain. Where neurons of the last hidden layer are `open`, of
 * whose weights its samples leave some, those are read anew, and nothing is added.
 */
export async function mend(
  polished: Polished,
  contradictions: Dataset | undefined,
  context: EndingContext,
  open: readonly number[] = [],
): Promise<Polished | undefined> {
  const { accuracy, fitter, whole, spread, seed } = context;
  let current: DeepNetwork = polished.lifted?.whole ?? polished.network;
  // neurons with a slope each are fitted elsewhere, past layers a neuron would be seen by more than the next one, and behind
  // a normalisation it would change what all others see
  const isPassed = current.shape.skip && current.shape.widths.length > 1;
  const isOther = current.shape.slopes || current.shape.normalised || isPassed;
  if (deepParameterCount(current.shape) > mostParameters || isOther) return undefined;
  const usual = scaleOutputs(await whole.take(spread, samplesForPolish(current.shape)), accuracy.scales);
  const seen = contradictions && toSums(context.source.head, contradictions);
  const wrong = seen && seen.count > 0 ? nearestOf(seen) : undefined;
  if (seen && seen.count > 0) {
    const read =
      open.length > 0
        ? await settledAnew(current, open, seen, usual, context)
        : await readAll(current, seen, usual, context);
    if (read !== undefined) return ended(read, usual, polished, context);
  }
  if (open.length > 0) return undefined;
  const parts =
    wrong === undefined
      ? [usual]
      : [scaleOutputs(wrong, accuracy.scales), ...(await askAround(current, wrong, usual, context))];
  const dataset = wrong === undefined ? usual : parts.reduce(joinPairs, usual);
  let loss = lossOf(current, dataset);
  const most = triesFor(current, dataset);
  for (let added = 0; added < mostAdded; added++) {
    const random = randomStream(seed, 'mend', 'split', dataset.count, added);
    const splits = splitNeurons(current, (size) =>
      Float64Array.from({ length: size }, () => random.normal()),
    );
    const places = [...candidatesAt(current, parts), ...splits].slice(0, most);
    const best = await descendBest(places, dataset, fitter);
    if (best === undefined) return undefined;
    if (best.loss <= allowedLoss(best, dataset, context))
      return ended({ network: best, dataset }, usual, polished, context);
    if (!(best.loss <= progress * loss)) return undefined;
    current = best;
    loss = best.loss;
  }
  return undefined;
}

/**
 * Neurons of the last hidden layer that are read off the errors one after the other, with the samples (usual ones, and
 * those that told them), where that brings the loss down to what rounding explains; undefined otherwise.
 */
async function readAll(
  network: DeepNetwork,
  wrong: Dataset,
  usual: Dataset,
  context: EndingContext,
): Promise<Mended | undefined> {
  let [current, dataset] = [network, usual];
  for (let added = 0; added < mostAdded; added++) {
    const read = await readMissing(current, wrong, usual, context);
    if (read === undefined) return undefined;
    current = read.network;
    dataset = joinPairs(dataset, read.places);
    const settled = await settle(current, dataset, context);
    if (settled !== undefined) return settled;
  }
  return undefined;
}

/** A network that is at the floor of some samples, or comes to it by a descent. */
async function settle(
  network: DeepNetwork,
  dataset: Dataset,
  context: EndingContext,
): Promise<Mended | undefined> {
  const own = { ...network, loss: lossOf(network, dataset) };
  if (own.loss <= allowedLoss(own, dataset, context)) return { network: own, dataset };
  const best = await descendBest([network], dataset, context.fitter);
  return best && best.loss <= allowedLoss(best, dataset, context) ? { network: best, dataset } : undefined;
}

/** A network with an open neuron that was read anew, where that brings the loss down to what rounding explains. */
async function settledAnew(
  network: DeepNetwork,
  open: readonly number[],
  wrong: Dataset,
  usual: Dataset,
  context: EndingContext,
): Promise<Mended | undefined> {
  const read = await readAnew(network, open, wrong, usual, context);
  return read && settle(read.network, joinPairs(usual, read.places), context);
}

/** A network at the floor after neurons were added, and the samples (scaled) that tell all of it. */
interface Mended {
  readonly network: DeepNetwork & { readonly loss: number };
  readonly dataset: Dataset;
}

/** The end of mending: a last descent, without neurons that are not needed, and what usual answers determine from them. */
async function ended(
  { network: found, dataset }: Mended,
  usual: Dataset,
  { agreement }: Polished,
  context: EndingContext,
): Promise<Polished> {
  const { network, deletions } = await smallest(found, dataset, context);
  // answers far out are rounded more coarsely: what the usual ones determine follows them alone
  const settled = await followUsual(network, usual, context.fitter);
  const own = { ...settled, loss: lossOf(settled, dataset) };
  // unless their own errors, magnified by the distance, are more than those far out allow
  const last = own.loss <= allowedLoss(own, dataset, context) ? own : network;
  const limit = (turned: PolishedDeep) => allowedLoss(turned, dataset, context);
  const turned = await turnMended(last, dataset, context.relativeError, limit, context.fitter);
  return { network: turned ?? last, dataset, deletions, agreement };
}

/** The contradicted answers that are learnt from: `contradictions` come with the nearest first. */
function nearestOf(contradictions: Dataset): Dataset {
  const { inputs, count, inputDimension: d } = contradictions;
  const sizeOf = (n: number) => Math.hypot(...inputs.subarray(n * d, (n + 1) * d));
  const limit = learnt.within * sizeOf(0);
  let last = Math.min(count, learnt.least);
  while (last < Math.min(count, learnt.most) && sizeOf(last) <= limit) last++;
  return firstPairs(contradictions, last);
}

/** The best of networks after a descent of each; only those go on to the end that came lowest first. */
async function descendBest(
  networks: readonly DeepNetwork[],
  dataset: Dataset,
  fitter: EndingContext['fitter'],
): Promise<(DeepNetwork & { readonly loss: number }) | undefined> {
  const run = (own: readonly DeepNetwork[], options: { maxIterations: number; patience?: number }) =>
    fitter.fit(
      own.map(({ shape, parameters }) =>
        descend(shape, parameters, dataset, { ...untilMinimum(shape), ...damped, ...options }),
      ),
    );
  if (networks.length === 0) return undefined;
  const first = (await run(networks, tries.first)).sort((a, b) => a.loss - b.loss);
  const last = await run(first.slice(0, tries.best), tries.last);
  return last.reduce((a, b) => (b.loss < a.loss ? b : a));
}

/** The network after its last descent, without neurons that it does not need, and the tests that show it. */
async function smallest(
  network: DeepNetwork & { readonly loss: number },
  dataset: Dataset,
  context: EndingContext,
): Promise<Pick<Polished, 'network' | 'deletions'>> {
  const { fitter } = context;
  const settled = await descendToFloor(
    network,
    dataset,
    { floor: network.loss, variance: 1 },
    fitter,
    damped,
  );
  const limit = Math.max(allowedLoss(settled, dataset, context), afterwards * settled.loss);
  const { polished, deletions } = await removeSuperfluousDeep(settled, dataset, limit, fitter);
  return { network: polished, deletions };
}

/** The loss up to which rounding and noise may explain what is left on samples. */
function allowedLoss(network: DeepNetwork, { inputs, count }: Dataset, context: EndingContext): number {
  const { accuracy, source } = context;
  const standardErrors = new Float64Array(network.parameters.length);
  const lifted = liftThroughFrame({ network, standardErrors }, source.frame).network;
  const points = toInputs(source.frame, inputs);
  const { rounding, noise } = expectedOf({ network: lifted, standardErrors }, points, count, accuracy);
  return allowedMean(rounding, noise, 0);
}
