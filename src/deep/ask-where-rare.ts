import { activations } from '../network/activations.js';
import { sumAt } from '../network/affine.js';
import { type DeepNetwork, deepBlocks } from '../network/deep.js';
import { takeRows } from '../numeric/take-rows.js';
import type { Problem } from '../problem/problem.js';
import { withoutUnknown } from '../query/behind-head.js';
import { drawInputs } from '../query/collect.js';
import { scaleOutputs } from '../query/precision.js';
import { containCoordinates, liftInputs } from '../query/subspace.js';
import { type Dataset, joinPairs } from '../records.js';

/** Inputs that are looked through, of the spread of the samples and of that of held-out queries. */
const candidates = 40_000;

/** So many samples must show a pair of neurons active at once, and so many are added at most. */
const wanted = 12;
const most = 3000;

/**
 * Samples with others added at which neurons of neighbouring layers are active together that hardly are so in the
 * samples: where a neuron is inactive, or the one that sees it, the weight between them changes nothing. Where that is
 * the recovered network tells, so looking for such inputs costs no queries. Undefined where there are none to add.
 */
export async function askWhereRare(
  network: DeepNetwork,
  dataset: Dataset,
  spread: number,
  { source, subspace, statistics }: Problem,
  seed: number,
): Promise<Dataset | undefined> {
  // given pairs answer nothing else
  if (source.reach === 0) return undefined;
  const d = dataset.inputDimension;
  const isInside = subspace !== undefined && d !== source.inputDimension;
  const limit = isInside ? undefined : source.reach;
  const free = new Float64Array(candidates * d);
  [spread, 1].forEach((own, half) => {
    const labels = [seed, 'rare', own, dataset.count];
    free.set(drawInputs(labels, candidates / 2, d, own, limit), (half * free.length) / 2);
  });
  const contained = isInside ? containCoordinates(subspace, free, source.reach) : free;
  const inputs = source.grid?.nearest(contained) ?? contained;
  const pairs = countPairs(network);
  for (let n = 0; n < dataset.count; n++) pairs.add(pairs.activeAt(dataset.inputs, n));
  const chosen: number[] = [];
  for (let n = 0; n < candidates && chosen.length < most; n++) {
    const active = pairs.activeAt(inputs, n);
    if (!pairs.isRare(active)) continue;
    pairs.add(active);
    chosen.push(n);
  }
  if (chosen.length === 0) return undefined;
  const points = takeRows(inputs, d, chosen);
  const answers = await source.ask(
    isInside ? liftInputs(subspace, points) : points,
    chosen.length,
    'rare neurons',
  );
  const added = withoutUnknown({ ...dataset, inputs: points, outputs: answers, count: chosen.length });
  return joinPairs(dataset, scaleOutputs(added, statistics.scales));
}

/** Which pairs of neurons in neighbouring layers are active together and seen at the outputs, counted. */
function countPairs({ shape, parameters }: DeepNetwork) {
  const { value } = activations[shape.activation];
  const blocks = deepBlocks(shape);
  const hidden = blocks.slice(0, -1);
  const counts = hidden.map(({ rows, columns }) => new Int32Array(rows * columns));
  /** For every hidden layer what its neurons see, negative where that is not seen at the outputs. */
  const activeAt = (inputs: Float64Array, n: number): Float64Array[] => {
    const { inputs: d } = shape;
    let values: Float64Array = inputs.subarray(n * d, (n + 1) * d);
    const layers = hidden.map(({ at, rows, columns }) => {
      const sums = Float64Array.from({ length: rows }, (_, j) =>
        sumAt(parameters, at + j * columns, values.length, values),
      );
      values = sums.map((z) => value(z, shape.slope));
      return sums;
    });
    for (let l = layers.length - 2; l >= 0; l--) {
      if (!layers[l + 1].some((z) => z > 0)) layers[l].fill(-1);
    }
    return layers;
  };
  const forEachPair = (
    layers: readonly Float64Array[],
    act: (counts: Int32Array, pair: number) => boolean,
  ) => {
    for (let l = 0; l < layers.length; l++) {
      const { columns } = hidden[l];
      for (let j = 0; j < layers[l].length; j++) {
        if (!(layers[l][j] > 0)) continue;
        // inputs and constants are never inactive: in the first layer one of a neuron's pairs speaks for all
        for (let k = l === 0 ? columns - 1 : 0; k < columns; k++) {
          if (k < columns - 1 && !(layers[l - 1][k] > 0)) continue;
          if (act(counts[l], j * columns + k)) return true;
        }
      }
    }
    return false;
  };
  return {
    activeAt,
    add: (layers: readonly Float64Array[]) =>
      forEachPair(layers, (own, pair) => {
        own[pair]++;
        return false;
      }),
    isRare: (layers: readonly Float64Array[]) =>
      forEachPair(layers, (own, pair) => own[pair] < wanted * (own === counts[0] ? shape.inputs + 1 : 1)),
  };
}
