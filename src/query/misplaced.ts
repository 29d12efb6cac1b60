import type { Frame } from '../network/frame.js';
import type { Dataset } from '../records.js';
import { describeFewValues } from './few-values.js';
import type { FirstQueries, FirstSight } from './first-sight.js';
import { askInFrame } from './in-frame.js';
import type { Oracle } from './oracle.js';
import { placeInputs } from './place-inputs.js';
import { type Placed, queriesOfRound } from './placing.js';
import { affineLoss, measureOutputs, type OutputStatistics, scaleOutputs } from './precision.js';
import { recogniseHead } from './recognise-head.js';
import { measureShares } from './sensitivities.js';
import { queriesAsSource, type Source } from './source.js';

/** Placing asks for gradients: with more inputs it would ask more than a recovery does. */
const mostInputs = 64;

/** So many rounds are usual, and may take such a share of the queries that are left: a recovery needs the others. */
const affordable = { rounds: 3, share: 0.25 };

/** The usual cloud shows a target badly where one input moves its answers so much less than another. */
const uneven = 30;

/** Nor where it is affine there but for such a share of its variance. */
const hardlyBent = 1e-3;

/** A frame is worth it where its scales differ so much, are so far from 1, or its middle is so many of them away. */
const worthIt = { ratio: 10, scale: 6, distance: 4 };

/** In its frame a target bends at least such a share of what it does without, or by this share of its variance. */
const betterPlaced = { share: 0.3, bent: 0.02 };

/**
 * The source of a target's answers in a frame where they happen (method.md §8), where the usual queries, whose inputs
 * are of size 1 around 0, show little of it; else the source as it is.
 */
export async function placeSource(
  source: Source,
  oracle: Oracle,
  { seed, sight, first, budget, isSuspected }: PlaceOptions,
): Promise<Source> {
  const d = source.inputDimension;
  if (d > mostInputs || oracle.limit !== Number.POSITIVE_INFINITY) return source;
  if (affordable.rounds * queriesOfRound(d) > affordable.share * (budget - oracle.queries)) return source;
  const seen = await sight();
  if (seen === undefined) return source;
  const { probed, statistics, isConstant, target } = seen;
  // labels say nothing anywhere; few other values are those of saturated neurons
  const areLabels = describeFewValues(probed) !== undefined && probed.outputs.every(Number.isInteger);
  if (!isConstant && areLabels) return source;
  const bent = isConstant ? 0 : shareOfBends(probed, statistics);
  if (!isSuspected && bent > hardlyBent && !(await isUneven(target))) return source;
  if ((await source.measureNoise(probed, statistics.scales)) > 0) return source;
  const placeAs = async (seen: Placed): Promise<Cloud | undefined> => {
    const frame = powersOfTwo(await placeInputs(seen), statistics.numberType);
    if (!isWorthIt(frame)) return undefined;
    const placed = queriesAsSource(askInFrame(oracle, frame, statistics.numberType), seed, frame);
    return { placed, samples: await placed.collect().take(first.spread, first.count) };
  };
  let there = await placeAs(target);
  if (there === undefined) return source;
  if (areProbabilities(probed, statistics) && variation(there) < hardlyVaried.least) {
    const other = await placeAs(inSingle(target));
    if (other !== undefined && variation(other) > hardlyVaried.times * variation(there)) there = other;
  }
  const { placed, samples } = there;
  const bentThere = shareOfBends(samples, measureOutputs(samples));
  return bentThere > Math.min(betterPlaced.bent, betterPlaced.share * bent) ? placed : source;
}

/** A source in a frame, and its first answers. */
interface Cloud {
  readonly placed: Source;
  readonly samples: Dataset;
}

/** Probabilities hardly vary where their deviation is so small, and it is worth it elsewhere where it is so many times that. */
const hardlyVaried = { least: 0.05, times: 10 };

/** The largest standard deviation of an output. */
const variation = ({ samples }: Cloud): number => Math.max(...measureOutputs(samples).deviations);

/** Whether answers are probabilities, as exact as float64 has them. */
const areProbabilities = (probed: Dataset, statistics: OutputStatistics): boolean =>
  statistics.numberType === 'float64' &&
  recogniseHead(probed, statistics).heads.some(({ name }) => name === 'softmax' || name === 'sigmoid');

/**
 * The target as float32 has it: what changes by 1e-12 where a probability is nearly 1 is not where answers happen, but in
 * float64 it is as plain to see. A classifier of 13 inputs was placed where its probabilities stay below 1e-3, and
 * one of its 8 neurons found there; with float32 answers all were.
 */
function inSingle(target: Placed): Placed {
  return {
    ...target,
    roundoff: Math.max(target.roundoff, 2 ** -24),
    ask: async (points, count) => (await target.ask(points, count)).map(Math.fround),
  };
}

/** How a target is placed. */
export interface PlaceOptions {
  readonly seed: number;
  readonly first: FirstQueries;
  /** What the answers to them show; undefined where they are too coarse. */
  readonly sight: () => Promise<FirstSight | undefined>;
  /** Queries of the whole recovery. */
  readonly budget: number;
  /** Whether there are other reasons to think that the usual queries show too little. */
  readonly isSuspected: boolean;
}

/** Whether one of the inputs that matter at all moves the answers far less than another. */
async function isUneven(target: Placed): Promise<boolean> {
  const d = target.dimension;
  const usual: Frame = { shifts: new Float64Array(d), scales: new Float64Array(d).fill(1) };
  const seen = (await measureShares(target, usual)).filter((share) => share > 0);
  return Math.max(...seen) > uneven * Math.min(...seen);
}

/** Share of the variance that no affine map explains; 0 for a constant. */
function shareOfBends(samples: Dataset, { scales, scaledVariance }: OutputStatistics): number {
  return scaledVariance > 0 ? affineLoss(scaleOutputs(samples, scales)) / scaledVariance : 0;
}

/** The frame with numbers that coordinates are exact in: powers of two, and shifts of the target's number type. */
function powersOfTwo({ shifts, scales }: Frame, numberType: 'float32' | 'float64'): Frame {
  return {
    shifts: numberType === 'float32' ? shifts.map(Math.fround) : shifts,
    scales: scales.map((scale) => 2 ** Math.round(Math.log2(scale))),
  };
}

function isWorthIt({ shifts, scales }: Frame): boolean {
  const [least, most] = [Math.min(...scales), Math.max(...scales)];
  const middle = Math.exp(scales.reduce((sum, scale) => sum + Math.log(scale), 0) / scales.length);
  const distance = Math.max(...shifts.map((shift, i) => Math.abs(shift) / scales[i]));
  return (
    most > worthIt.ratio * least ||
    middle > worthIt.scale ||
    middle < 1 / worthIt.scale ||
    distance > worthIt.distance
  );
}
