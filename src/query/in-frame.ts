import type { Frame } from '../network/frame.js';
import type { Dataset } from '../records.js';
import type { Oracle } from './oracle.js';

/**
 * An oracle in the coordinates of a frame, over the same target, budget and answers. Inputs are asked as numbers of the
 * target's type, and what is kept of a query are the coordinates of those: far from 0, rounding an input moves its
 * coordinate by more than the answers' rounding.
 */
export function askInFrame(base: Oracle, frame: Frame, numberType: 'float32' | 'float64'): Oracle {
  const { shifts, scales } = frame;
  const d = shifts.length;
  const round = numberType === 'float32' ? Math.fround : (x: number) => x;
  const inputsOf = (coordinates: Float64Array) =>
    coordinates.map((u, i) => round(shifts[i % d] + scales[i % d] * u));
  const coordinatesOf = (inputs: Float64Array) => inputs.map((x, i) => (x - shifts[i % d]) / scales[i % d]);
  const kept = (): Dataset[] =>
    base.ledger.kept().map((dataset) => ({ ...dataset, inputs: coordinatesOf(dataset.inputs) }));
  return {
    inputDimension: base.inputDimension,
    limit: base.limit,
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
