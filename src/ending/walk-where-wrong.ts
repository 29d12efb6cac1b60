import { type RandomStream, randomStream } from '../base/random.js';
import type { Accuracy } from '../certify/allowance.js';
import type { DeepNetwork } from '../network/deep.js';
import { errorSizes } from '../polish/loss.js';
import { withoutUnknown } from '../query/behind-head.js';
import { scaleOutputs } from '../query/precision.js';
import { type Dataset, joinPairs } from '../records.js';
import type { EndingContext } from './context.js';

/** A place counts as wrong while the error, for its distance, is at least this share of that where the walk began. */
const stillWrong = 1e-3;

/** And so many times what rounding makes of an answer of that size. */
const beyondRounding = 1e3;

/** Steps for every place that is wanted, at most. */
const stepsPerPlace = 12;

/** The first step, as a share of the distance from the origin; how it grows and shrinks; and the steps inwards and back. */
const step = { first: 0.3, grow: 1.5, shrink: 0.8, most: 2, radial: 1, every: 4 };

/** Where walks went: places at which a network errs, one dataset (scaled answers) a walk, and those at which it is right. */
export interface Walked {
  readonly wrong: readonly Dataset[];
  readonly right: Dataset | undefined;
}

/** One walk: where it stands, and the length of its next step for the distance from the origin. */
interface Walk {
  readonly random: RandomStream;
  readonly firstShare: number;
  readonly farthest: number;
  readonly wrong: Dataset[];
  at: Float64Array;
  length: number;
}

/**
 * Walks from contradicted queries through the region in which the network errs, by random steps that are taken back
 * where they leave it: what a missing neuron sees there tells its weights, in as many cells of the layers before it as the
 * region has. Nearer to the origin too, as answers there are rounded more finely.
 * `starts` are unscaled pairs; `wanted` is the number of places of each walk. Asks up to 12 times as many.
 */
export async function walkWhereWrong(
  network: DeepNetwork,
  starts: Dataset,
  wanted: number,
  { source, accuracy, spread, seed }: EndingContext,
): Promise<Walked> {
  const { inputDimension: d, outputDimension: o } = starts;
  /** What one answer says: the pair, unless it is unknown behind a head, and whether the network errs there. */
  const judge = (inputs: Float64Array, outputs: Float64Array) => {
    const asked = { inputs, outputs, count: 1, inputDimension: d, outputDimension: o };
    const pair = scaleOutputs(withoutUnknown(asked), accuracy.scales);
    const [error = 0] = errorsOf(network, pair, accuracy);
    return { pair, isError: error > 0, share: error / Math.max(Math.hypot(...inputs), spread) };
  };
  // rounds of mending walk anew, with streams of their own
  const before = source.queries;
  const walks: Walk[] = [];
  for (let n = 0; n < starts.count; n++) {
    const at = starts.inputs.slice(n * d, (n + 1) * d);
    const { pair, isError, share } = judge(at, starts.outputs.slice(n * o, (n + 1) * o));
    const random = randomStream(seed, 'mend', 'walk', before, n);
    const farthest = Math.hypot(...at);
    if (isError) walks.push({ random, firstShare: share, farthest, wrong: [pair], at, length: step.first });
  }
  const right: Dataset[] = [];
  for (let steps = 1; steps <= stepsPerPlace * wanted; steps++) {
    const going = walks.filter(({ wrong }) => wrong.length < wanted);
    if (going.length === 0) break;
    const isRadial = steps % step.every === 0;
    const places = going.map((walk) => nextPlace(walk, isRadial, source.reach));
    const inputs = Float64Array.from(places.flatMap((place) => [...place]));
    const outputs = await source.ask(inputs, going.length, 'contradictions');
    for (const [n, walk] of going.entries()) {
      const { pair, isError, share } = judge(places[n], outputs.slice(n * o, (n + 1) * o));
      if (pair.count === 0) continue;
      const isWrong = isError && share >= stillWrong * walk.firstShare;
      if (!isRadial) walk.length = Math.min(step.most, walk.length * (isWrong ? step.grow : step.shrink));
      if (isWrong) {
        walk.wrong.push(pair);
        walk.at = places[n];
      } else if (!isError) right.push(pair);
    }
  }
  return {
    wrong: walks.map(({ wrong }) => wrong.reduce(joinPairs)),
    right: right.length === 0 ? undefined : right.reduce(joinPairs),
  };
}

/** The size of a network's error at every one of some pairs (scaled), 0 where rounding may explain it. */
export function errorsOf(network: DeepNetwork, pairs: Dataset, { roundoff }: Accuracy): Float64Array {
  const { outputs, outputDimension: o } = pairs;
  return errorSizes(network, pairs).map((error, n) => {
    const size = Math.hypot(...outputs.subarray(n * o, (n + 1) * o));
    return error > beyondRounding * roundoff * size ? error : 0;
  });
}

/** Where a walk goes next: a step aside, or inwards or outwards. */
function nextPlace({ at, length, random, farthest }: Walk, isRadial: boolean, reach: number): Float64Array {
  const size = Math.hypot(...at);
  const aside = (length * size) / Math.sqrt(at.length);
  const factor = isRadial ? Math.min(farthest / size, Math.exp(step.radial * random.normal())) : 1;
  return at.map((value) => {
    const next = isRadial ? factor * value : value + aside * random.normal();
    return Math.min(reach, Math.max(-reach, next));
  });
}
