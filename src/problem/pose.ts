import { ofSums } from '../query/behind-head.js';
import { centreOutputs, offsetsOf } from '../query/centre.js';
import type { Collection } from '../query/collect.js';
import { describeFewValues } from '../query/few-values.js';
import {
  affineLoss,
  measureOutputs,
  type OutputStatistics,
  scaleOutputs,
  tolerancesFor,
} from '../query/precision.js';
import { quantisationVariance } from '../query/rounding.js';
import { nearerSource } from '../query/shrink.js';
import type { Source } from '../query/source.js';
import type { Dataset } from '../records.js';
import type { Evidence } from '../recovery.js';
import { type AnswerAccuracy, type Attempt, type Posed, withTask } from './problem.js';

/** Spread of the first queries, and how many measure the outputs. */
export const probe = { spread: 2, count: 300 };

/** Spread of the points where Jacobians are measured: saturated neurons hardly show in them. */
const jacobianSpread = 1;

/**
 * Asks the first queries of a source and poses the problem that students imitate (method.md §8): scales, noise and
 * rounding of the answers, and the dimensions in which they change. A target that is constant or affine poses none.
 */
export async function pose(asked: Source, { settings, journal }: Attempt): Promise<Posed> {
  const first = asked.collect();
  const probed = await first.take(probe.spread, probe.count);
  const statistics = ofSums(measureOutputs(probed), probed, asked);
  journal.measured(statistics.scaledVariance);
  const { numberType, quanta } = statistics;
  const head = asked.head && { head: asked.head.head };
  const { students } = journal.register;
  const placed = asked.frame && asked.reach === Number.POSITIVE_INFINITY && { placed: asked.frame };
  const { clips } = asked;
  const options = clips === undefined ? settings : { ...settings, bounds: clips };
  const clipped = clips && { clipped: clips };
  const evidence: Evidence = { options, numberType, quanta, ...head, ...placed, ...clipped, students };
  if (statistics.deviations.every((deviation) => deviation === 0)) {
    const reason = `the target is constant: ${probed.count} ${asked.noun} gave the same answer, so no neuron leaves a trace`;
    return { kind: 'nothing', reason, evidence };
  }
  const accuracy = await measureAccuracy(asked, probed, statistics);
  if (affineLoss(scaleOutputs(probed, statistics.scales)) <= accuracy.tolerances.training) {
    const affine = `the target is affine: ${probed.count} ${asked.noun} are explained without any hidden neuron, so none leaves a trace`;
    return { kind: 'nothing', reason: describeFewValues(probed) ?? affine, evidence };
  }
  const { source, whole } = centred(asked, first, statistics);
  const rowSpace = await source.findSubspace(jacobianSpread, accuracy.relativeError);
  // where Jacobians tell nothing the answers may hardly change anywhere but near the origin
  const nearer = rowSpace === undefined ? await nearerSource(asked, settings.seed) : undefined;
  if (nearer !== undefined) return { kind: 'too large', nearer };
  const subspace = typeof rowSpace === 'object' ? rowSpace : undefined;
  const rank = rowSpace === 'full' ? source.inputDimension : subspace?.rank;
  const { slopes: _, ...shown } = subspace ?? {};
  journal.note({ ...evidence, ...(subspace && { subspace: shown as typeof subspace }) }, true);
  const inside = subspace === undefined ? whole : source.collect(subspace);
  return {
    kind: 'problem',
    problem: withTask({ source, probed, whole, inside, subspace, rank, statistics, accuracy }, settings.seed),
  };
}

/** Noise, grid and rounding of the answers. */
async function measureAccuracy(
  asked: Source,
  probed: Dataset,
  statistics: OutputStatistics,
): Promise<AnswerAccuracy> {
  const { head } = asked;
  const measured = await asked.measureNoise(probed, statistics.scales);
  // behind a head all of it is in what was measured of the sums
  const quantisation = head
    ? measured * Number(statistics.quanta.some((quantum) => quantum > 0))
    : quantisationVariance(statistics, statistics.scales);
  const noise = head ? measured : quantisation + measured;
  const variance = noise + (statistics.headRounding ?? 0);
  const relativeError = Math.max(statistics.roundoff, Math.sqrt(variance / statistics.scaledSquare));
  return { noise, quantisation, relativeError, tolerances: tolerancesFor(statistics, noise) };
}

/** The source of the answers less their offsets, where those are far from 0, with its collection. */
function centred(asked: Source, first: Collection, statistics: OutputStatistics) {
  const offsets = asked.head ? undefined : offsetsOf(statistics);
  if (offsets === undefined) return { source: asked, whole: first };
  const source = centreOutputs(asked, offsets);
  return { source, whole: source.collect() };
}
