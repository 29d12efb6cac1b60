import type { Frame } from '../network/frame.js';
import { type Dataset, pairsAt } from '../records.js';
import { rowsWithin } from './bounds.js';
import type { Oracle } from './oracle.js';

/**
 * An oracle in the coordinates of a frame, over the same target, budget and answers. Inputs are asked as numbers of the
 * target's type, and what is kept of a query are the coordinates of those: far from 0, rounding an input moves its
 * coordinate by more than the answers' rounding. With a `limit` on coordinates, answers from beyond it are not kept.
 */
export function askInFrame(
  base: Oracle,
  frame: Frame,
  numberType: 'float32' | 'float64',
  limit = base.limit,
): Oracle {
  const { shifts, scales } = frame;
  const d = shifts.length;
  const round = numberType === 'float32' ? Math.fround : (x: number) => x;
  const inputsOf = (coordinates: Float64Array) =>
    coordinates.map((u, i) => round(shifts[i % d] + scales[i % d] * u));
  const coordinatesOf = (inputs: Float64Array) => inputs.map((x, i) => (x - shifts[i % d]) / scales[i % d]);
  const kept = (): Dataset[] =>
    base.ledger
      .kept()
      .map((dataset) => within(limit, { ...dataset, inputs: coordinatesOf(dataset.inputs) }))
      .filter(({ count }) => count > 0);
  return {
    inputDimension: base.inputDimension,
    limit,
    ledger: {
      get count() {
        return base.ledger.count;
      },
      add: (coordinates, outputs, count) => base.ledger.add(inputsOf(coordinates), outputs, count),
      kept,
    },
    get outputDimension() {
      return base.outputDimension;
    },
    get queries() {
      return base.queries;
    },
    get queriesBy() {
      return base.queriesBy;
    },
    snap: (coordinates) => coordinatesOf(inputsOf(coordinates)),
    reserve: (count) => base.reserve(count),
    ask: (coordinates, count, purpose) => base.ask(inputsOf(coordinates), count, purpose),
  };
}

/** The rows of a dataset of which no coordinate is beyond a limit. */
function within(limit: number, dataset: Dataset): Dataset {
  if (limit === Number.POSITIVE_INFINITY) return dataset;
  return pairsAt(dataset, rowsWithin(dataset.inputs, dataset.count, limit));
}
