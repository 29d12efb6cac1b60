import { activations } from '../network/activations.js';
import { sumAt } from '../network/affine.js';
import { type ShallowNetwork, type ShallowShape, splitParameters } from '../network/shallow.js';
import { columnsOf } from '../numeric/columns.js';
import { orthonormaliseColumns, projectOut } from '../numeric/orthogonal.js';
import { allSigns, type Sign } from '../numeric/signs.js';
import type { Dataset } from '../records.js';

// Between the bends of neurons with sharp bends a network is affine in what they see: it is a sum of affine maps, each
// behind a gate that is open (1) where its neuron is active. These are linear in their numbers, whatever the weights.

/** Of more neurons not all choices of their signs are tried. */
export const mostTurned = 10;

/** Samples for each number that is fitted. */
export const samplesPerColumn = 5;

/** The outputs must be explained to this accuracy, and every other choice of signs leave so many times more. Unmeasured. */
const explained = 1e-6;
const runnerUpFactor = 100;

/** The choices that explain most are looked at once more without the few samples that they explain worst. Unmeasured. */
const finalists = 8;
const mostDropped = 0.02;
const outlying = 10;

/** Whether an activation has sharp bends. */
export const isSharp = ({ activation }: ShallowShape): boolean => activations[activation].homogeneous;

/** What every neuron of a network sees of every sample. */
export function seenByNeurons({ shape, parameters }: ShallowNetwork, dataset: Dataset): Float64Array[] {
  return seenByVectors(splitParameters(shape, parameters).incoming, dataset);
}

/** The same of incoming vectors, k × (inputs + 1), bias last. */
export function seenByVectors(
  incoming: Float64Array,
  { inputs, inputDimension: d, count }: Dataset,
): Float64Array[] {
  return Array.from({ length: incoming.length / (d + 1) }, (_, j) =>
    Float64Array.from({ length: count }, (_, n) => sumAt(incoming, j * (d + 1), d, inputs, n * d)),
  );
}

/** The outputs of a dataset, one after another. */
export function outputsOf({ outputs, outputDimension }: Dataset, count: number): Float64Array[] {
  return columnsOf(outputs, count, outputDimension);
}

/**
 * The one choice of the signs of `neurons` neurons whose columns explain the targets; undefined where none does, or
 * several.
 */
export function chooseSigns(
  neurons: number,
  columnsFor: (signs: readonly Sign[]) => Float64Array[],
  targets: readonly Float64Array[],
): readonly Sign[] | undefined {
  const choices = Array.from(allSigns(neurons), (signs) => ({
    signs,
    ...leaveUnexplained(targets, columnsFor(signs)),
  }));
  const [best, second] = choices
    .sort((a, b) => a.left - b.left)
    .slice(0, finalists)
    .map(({ signs, rest }) => {
      const kept = withoutOutliers(rest);
      const at = (values: Float64Array) => Float64Array.from(kept, (n) => values[n]);
      return { signs, left: leaveUnexplained(targets.map(at), columnsFor(signs).map(at)).left };
    })
    .sort((a, b) => a.left - b.left);
  const isClear =
    best.left <= explained && (second === undefined || second.left >= runnerUpFactor * best.left);
  return isClear ? best.signs : undefined;
}

/** Whether columns explain the targets, but for a few samples. */
export function explains(columns: readonly Float64Array[], targets: readonly Float64Array[]): boolean {
  const { left, rest } = leaveUnexplained(targets, columns);
  if (left <= explained) return true;
  const kept = withoutOutliers(rest);
  const at = (values: Float64Array) => Float64Array.from(kept, (n) => values[n]);
  return leaveUnexplained(targets.map(at), columns.map(at)).left <= explained;
}

/** For every gate the constant and the `outputs`, values of the samples each, where it is open. */
export function mapColumns(gates: readonly Float64Array[], outputs: readonly Float64Array[]): Float64Array[] {
  return gates.flatMap((gate) => [
    gate,
    ...outputs.map((values) => gate.map((isOpen, n) => isOpen * values[n])),
  ]);
}

/** The largest share of a target that columns leave unexplained, and what they leave at every sample. */
export function leaveUnexplained(
  targets: readonly Float64Array[],
  columns: readonly Float64Array[],
): { left: number; rest: Float64Array } {
  const basis = orthonormaliseColumns(columns);
  const worst = new Float64Array(targets[0].length);
  let left = 0;
  for (const target of targets) {
    const rest = target.slice();
    projectOut(basis, rest);
    projectOut(basis, rest);
    const size = Math.hypot(...target);
    left = Math.max(left, Math.hypot(...rest) / size);
    rest.forEach((value, n) => {
      worst[n] = Math.max(worst[n], Math.abs(value) / size);
    });
  }
  return { left, rest: worst };
}

/** The samples but for a few of which much more is left than of most: there a neuron's bend is a little off. */
function withoutOutliers(rest: Float64Array): number[] {
  const order = Array.from(rest, (_, n) => n).sort((a, b) => rest[b] - rest[a]);
  const limit = outlying * rest[order[order.length >> 1]];
  const dropped = new Set(
    order.slice(0, Math.ceil(mostDropped * rest.length)).filter((n) => rest[n] > limit),
  );
  return order.filter((n) => !dropped.has(n)).sort((a, b) => a - b);
}
