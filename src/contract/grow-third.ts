import { trainedBehind } from '../deep/search-behind.js';
import { searchTraced, type TracedWave } from '../deep/search-traced.js';
import { deepShapeOf } from '../network/deep.js';
import { layerOutputs } from '../network/deep-features.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { seenByVectors } from '../peel/gates.js';
import { peelDataset } from '../peel/peeled.js';
import type { Search } from '../problem/problem.js';
import { contract } from '../prune/contract.js';
import { resolveMirrors } from '../reconstruct/resolve-mirrors.js';
import type { Dataset, KnownLayer } from '../records.js';
import type { FirstLayer } from './around-first.js';
import { alwaysActive, type GrownBehind } from './grow-behind.js';

/**
 * Students behind two followed layers: of ReLU 5-7-6-4-1 and 5-8-4-7-2 (deep suite, seeds 1 and 5, float32) they left
 * 1e-7 and 3e-6 to 1e-5 of the variance in 2 s, where students of three layers stalled at 1e-4 to 1e-3.
 */
const waves: readonly TracedWave[] = [
  { extra: 10, spread: 2, students: 2, start: 'grown', samples: 3 },
  { extra: 14, spread: 1, students: 2, start: 'grown', samples: 3 },
  { extra: 12, spread: 2, students: 4, start: 'random', samples: 3 },
];

/** Students go on that left less than the first share of the variance; below the second they lose neurons first. */
const going = { most: 1, share: 1e-4, near: 1e-5 };

/** What students have beside their neurons must be told by mirrored ones to this, where the layers before are read. */
const signError = 1e-4;

/**
 * The first two layers as their surfaces were followed, with the neurons of a third that the best students behind them
 * have. The second layer's signs are open: it stands with both, and the third layer's vectors are those with which it
 * sees the same over both.
 */
export async function* growThird(first: FirstLayer, context: Search): AsyncGenerator<GrownBehind> {
  const { activation, slope, starting, count, read, behind, isFollowed } = first;
  if (!isFollowed) return;
  const { task, statistics } = context.problem;
  const { inputs, tolerances, takeSamples } = task;
  const { fitter, kernels } = context.attempt.environment;
  const one: KnownLayer = { activation, slope, inputs, incoming: starting, oriented: true };
  const two: KnownLayer = { activation, slope, inputs: count, incoming: read, oriented: false };
  const [candidate] = trainedBehind([one, two]);
  const contraction = { floor: tolerances.training, fitter, kernels };
  const variance = statistics.scaledVariance;
  for (const wave of waves) {
    const { peeled, reached, stalled } = await searchTraced([one, two], new Float64Array(0), context, [wave]);
    const students = [...(reached?.students ?? stalled)]
      .filter(({ loss }) => loss <= going.share * variance)
      .sort((a, b) => a.loss - b.loss)
      .slice(0, going.most);
    for (const { shape, parameters, loss, spread, samples } of students) {
      const raw = await takeSamples(spread, samples);
      const dataset = peelDataset(peeled, raw);
      const wide = { shape: deepShapeOf(shape), parameters, loss };
      const network = loss <= going.near * variance ? await contract(wide, dataset, contraction) : wide;
      const fitted = {
        shape: { ...shape, hidden: network.shape.widths[0] },
        parameters: network.parameters,
      };
      const { signs, incoming } = resolveMirrors(fitted, candidate.activation, candidate.leaky, signError);
      const isTold = signs === undefined || signs.kind === 'resolved';
      const vectors = isTold
        ? incoming
        : Float64Array.of(...incoming, ...incoming.map((value) => -value), ...alwaysActive(fitted, dataset));
      const seen = seenByVectors(vectors, dataset);
      const given = layerOutputs(two, behind, layerOutputs(one, starting, raw.inputs, raw.count), raw.count);
      yield { ...first, third: fitSeen(seen, given, raw), spread };
    }
  }
}

/** Vectors over what a layer gives (count × width) with which neurons see what they are wanted to, bias last. */
function fitSeen(seen: readonly Float64Array[], given: Float64Array, { count }: Dataset): Float64Array {
  const width = given.length / count;
  const rows = new Float64Array(count * (width + 1)).fill(1);
  for (let n = 0; n < count; n++) rows.set(given.subarray(n * width, (n + 1) * width), n * (width + 1));
  return Float64Array.from(
    seen.flatMap((values) => [...solveLeastSquares(rows, values, count, width + 1, 1, 1e-8).coefficients]),
  );
}
