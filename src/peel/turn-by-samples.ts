import { layerOutputs } from '../network/deep-features.js';
import type { ShallowNetwork, ShallowShape } from '../network/shallow.js';
import { columnsOf } from '../numeric/columns.js';
import { type Sign, turnRows } from '../numeric/signs.js';
import { type Dataset, firstPairs, type KnownLayer, neuronsOf } from '../records.js';
import {
  chooseSigns,
  explains,
  isSharp,
  mapColumns,
  mostTurned,
  outputsOf,
  samplesPerColumn,
  seenByNeurons,
} from './gates.js';
import type { Peeled } from './peeled.js';

/** Samples that `turnBySamples` wants for a known layer and a network behind it. */
export function samplesForTurning(layer: KnownLayer, { hidden }: ShallowShape): number {
  const own = neuronsOf(layer);
  return (hidden + 1) * Math.max(samplesPerColumn * (own + 1), 2 * (own + layer.inputs + 1));
}

/**
 * The last known layer with the signs that a network of neurons with sharp bends behind it tells, which sees the layer's
 * inputs beside its outputs. Between the bends of that network the target is affine in what the layer gives, whichever
 * neurons behind are mirrored: so its outputs are a sum of such maps, one for each neuron that is active. The network's
 * own weights do not tell, because they are not unique where a neuron of the layer is on one side of its bend whenever
 * one behind it bends. Neurons that nothing behind sees are left out. Undefined where no choice of signs makes it so, or several do. `found` sees the peeled `dataset`.
 */
export function turnBySamples(
  peeled: Peeled,
  found: ShallowNetwork,
  dataset: Dataset,
): KnownLayer | undefined {
  const { layers } = peeled;
  const last = layers[layers.length - 1];
  const own = neuronsOf(last);
  if (last.oriented || own > mostTurned || !isSharp(found.shape)) return undefined;
  const count = Math.min(dataset.count, samplesForTurning(last, found.shape));
  const { seen, sides } = sidesOf(peeled, dataset, count);
  const behind = seenByNeurons(found, firstPairs(dataset, count));
  const gates = [new Float64Array(count).fill(1), ...behind.map((values) => values.map((z) => +(z > 0)))];
  const targets = outputsOf(dataset, count);
  const turn = (kept: readonly number[]): KnownLayer | undefined => {
    const columnsFor = (choice: readonly Sign[]) =>
      mapColumns(
        gates,
        choice.map((sign, i) => sides[sign === 1 ? 0 : 1][kept[i]]),
      );
    const signs = chooseSigns(kept.length, columnsFor, targets);
    if (signs === undefined) return undefined;
    const size = last.inputs + 1;
    const rows = kept.flatMap((j) => [...last.incoming.subarray(j * size, (j + 1) * size)]);
    return { ...last, incoming: turnRows(Float64Array.from(rows), signs), oriented: true };
  };
  const all = Array.from({ length: own }, (_, j) => j);
  const past = columnsOf(seen, count, last.inputs);
  const needed = all.reduce((kept, j) => {
    const others = kept.filter((other) => other !== j);
    const columns = mapColumns(gates, [...others.map((other) => sides[0][other]), ...past]);
    return explains(columns, targets) ? others : kept;
  }, all);
  // one that is active at all samples seems to be of no use too, but then the others do not explain the outputs alone
  return (needed.length < own ? turn(needed) : undefined) ?? turn(all);
}

/** What the last known layer sees of the first samples, and what its neurons give, as they are and mirrored. */
function sidesOf({ layers, means, deviations }: Peeled, dataset: Dataset, count: number) {
  const last = layers[layers.length - 1];
  const own = neuronsOf(last);
  const { inputDimension: width, inputs } = dataset;
  const seen = new Float64Array(count * last.inputs);
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < last.inputs; k++) {
      const column = own + k;
      seen[n * last.inputs + k] = inputs[n * width + column] * deviations[column] + means[column];
    }
  }
  const mirrored = last.incoming.map((value) => -value);
  const sides = [last.incoming, mirrored].map((incoming) =>
    columnsOf(layerOutputs(last, incoming, seen, count), count, own),
  );
  return { seen, sides };
}
