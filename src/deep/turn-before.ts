import type { Reached } from '../expand/search.js';
import type { ShallowNetwork } from '../network/shallow.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { seenByNeurons } from '../peel/gates.js';
import { type Peeled, peelDataset, unpeelIncoming } from '../peel/peeled.js';
import { samplesForTurning, turnBySamples } from '../peel/turn-by-samples.js';
import type { Search } from '../problem/problem.js';
import type { Dataset } from '../records.js';
import { peelFor } from './search-behind.js';
import { furtherWaves, searchTraced, type TracedWave } from './search-traced.js';

/** How much more samples on a neuron's bend count than those a typical distance away. */
const bendWeight = 20;

/** Students behind the turned layer start at the neurons that were found before it was turned. */
const turnedWaves: readonly TracedWave[] = [
  { extra: 0, spread: 2, students: 1, start: 'random' },
  { extra: 4, spread: 2, students: 4, start: 'grown' },
  ...furtherWaves,
];

/**
 * Turns the last known layer as the network that was found behind it tells, and finds that network again, on what the
 * turned layer gives alone. Undefined where that is not told. `spread` is that of the queries behind `dataset`.
 */
export async function turnBefore(
  peeled: Peeled,
  found: ShallowNetwork,
  { dataset, spread }: { readonly dataset: Dataset; readonly spread: number },
  context: Search,
): Promise<{ peeled: Peeled; reached: Reached } | undefined> {
  const last = peeled.layers[peeled.layers.length - 1];
  const count = Math.max(dataset.count, samplesForTurning(last, found.shape));
  const raw = await context.problem.task.takeSamples(spread, count);
  const beside = peelDataset(peeled, raw);
  const turned = turnBySamples(peeled, found, beside);
  if (turned === undefined) return undefined;
  const known = [...peeled.layers.slice(0, -1), turned];
  const next = await peelFor(known, context.problem);
  const behind = peelDataset(next, raw);
  const start = seenByNeurons(found, beside).flatMap((values) => [...fitSeen(values, behind)]);
  const incoming = unpeelIncoming(next, Float64Array.from(start));
  const again = await searchTraced(known, incoming, context, turnedWaves);
  return again.reached && { peeled: again.peeled, reached: again.reached };
}

/**
 * Weights over a dataset's inputs with which a neuron sees given values, as far as they can. They are not unique where it
 * is active: those that are right on its bend are the better start.
 */
function fitSeen(values: Float64Array, { inputs, inputDimension: d, count }: Dataset): Float64Array {
  const typical = [...values.map(Math.abs)].sort((a, b) => a - b)[count >> 1];
  const rows = new Float64Array(count * (d + 1));
  const right = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    const weight = 1 / (1 / bendWeight + Math.abs(values[n]) / typical);
    for (let k = 0; k < d; k++) rows[n * (d + 1) + k] = weight * inputs[n * d + k];
    rows[n * (d + 1) + d] = weight;
    right[n] = weight * values[n];
  }
  return solveLeastSquares(rows, right, count, d + 1, 1).coefficients;
}
