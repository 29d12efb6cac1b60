import { trainedBehind } from '../deep/search-behind.js';
import { searchTraced, type TracedWave } from '../deep/search-traced.js';
import { deepShapeOf } from '../network/deep.js';
import type { ShallowNetwork } from '../network/shallow.js';
import { dot } from '../numeric/dot.js';
import { peelDataset, unpeelIncoming } from '../peel/peeled.js';
import type { Search } from '../problem/problem.js';
import { contract } from '../prune/contract.js';
import { affineParts, resolveMirrors } from '../reconstruct/resolve-mirrors.js';
import type { Dataset } from '../records.js';
import type { FirstLayer } from './around-first.js';

/**
 * Students behind the first layer that grow where the residual asks for it. Neurons whose weights all have one sign bend
 * near the origin alone, where descents from random starts seldom find them.
 */
const waves: readonly TracedWave[] = [
  { extra: 6, spread: 3, students: 2, start: 'grown', samples: 3 },
  { extra: 6, spread: 1.5, students: 2, start: 'grown', samples: 2 },
  { extra: 10, spread: 2, students: 4, start: 'grown', samples: 3 },
];

/** So many of the best students are gone on from, of those that left less than this share of the variance. */
const going = { most: 3, share: 1e-4 };

/**
 * Students above this share of the variance go on as they are: what they lack others hold in part. From 1.6e-7 students
 * around 11 grown neurons of g came to the floor, around the 8 that were left of them none did (deep suite, seed 2).
 */
const nearEnough = 1e-9;

/** Neurons that are always active stay so, by this share of the range of what they give. */
const margin = 0.1;

/** What students have beside their neurons must be told by mirrored ones to this, where the first layer is read. */
const signError = 1e-4;

/** A first layer with what grew behind it on queries of a spread. */
export interface GrownBehind extends FirstLayer {
  readonly spread: number;
}

/**
 * The first layer with the neurons behind it that the best students have which grew beside those that were read, each
 * contracted, best first. Where the first layer is not exact they end well above the floor: all layers have to descend
 * together then.
 */
export async function* growBehind(first: FirstLayer, context: Search): AsyncGenerator<GrownBehind> {
  const { activation, slope, starting, read } = first;
  if (!first.isOriented) return;
  const { task, statistics } = context.problem;
  const { inputs, tolerances, takeSamples } = task;
  const { fitter, kernels } = context.attempt.environment;
  const known = { activation, slope, inputs, incoming: starting, oriented: true };
  const [candidate] = trainedBehind([known]);
  const contraction = { floor: tolerances.training, fitter, kernels };
  for (const wave of waves) {
    const { peeled, reached, stalled } = await searchTraced([known], read, context, [wave]);
    const students = [...(reached?.students ?? stalled)]
      .filter(({ loss }) => loss <= going.share * statistics.scaledVariance)
      .sort((a, b) => a.loss - b.loss)
      .slice(0, going.most);
    for (const { shape, parameters, loss, spread, samples } of students) {
      const dataset = peelDataset(peeled, await takeSamples(spread, samples));
      const wide = { shape: deepShapeOf(shape), parameters, loss };
      const isNear = loss <= nearEnough * statistics.scaledVariance;
      const network = isNear ? await contract(wide, dataset, contraction) : wide;
      const fitted = {
        shape: { ...shape, hidden: network.shape.widths[0] },
        parameters: network.parameters,
      };
      const { signs, incoming } = resolveMirrors(fitted, candidate.activation, candidate.leaky, signError);
      const own = unpeelIncoming(peeled, incoming);
      const isTold = signs === undefined || signs.kind === 'resolved';
      if (isTold) yield { ...first, behind: own, spread };
      else {
        const always = unpeelIncoming(peeled, alwaysActive(fitted, dataset));
        yield { ...first, behind: Float64Array.of(...own, ...own.map((value) => -value), ...always), spread };
      }
    }
  }
}

/**
 * Neurons that are active at every sample, one an output, whose sum is the path beside a student's neurons: neurons of the
 * target that no sample sees bend are in there, beside what mirrored ones leave.
 */
export function alwaysActive(
  { shape, parameters }: ShallowNetwork,
  { inputs, count }: Dataset,
): Float64Array {
  const { skip } = affineParts(shape, parameters);
  const d = shape.inputs;
  const vectors = new Float64Array(shape.outputs * (d + 1));
  for (let i = 0; i < shape.outputs; i++) {
    const weights = skip.subarray(i * d, (i + 1) * d);
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let n = 0; n < count; n++) {
      const z = dot(weights, inputs.subarray(n * d, (n + 1) * d));
      least = Math.min(least, z);
      most = Math.max(most, z);
    }
    vectors.set(weights, i * (d + 1));
    vectors[i * (d + 1) + d] = margin * (most - least) - least;
  }
  return vectors;
}
