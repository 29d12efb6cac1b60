import type { KnownLayer } from '../records.js';
import { asymptotesOf, cellAt, mapAt } from './cells.js';
import { withoutDeeperOnes } from './spans.js';
import { surveyTraced, type TracedNeuron, type TraceNeuronContext } from './trace-neuron.js';

/** Points of a surface that are looked at. */
const pointsSurveyed = 60;

/** Leaves out traced neurons that only seemed to be of the layer after the known ones. */
export async function withoutDeeper(
  found: readonly TracedNeuron[],
  context: TraceNeuronContext,
): Promise<readonly TracedNeuron[]> {
  const candidates = [];
  for (const neuron of found) {
    const { points, asked } = await surveyTraced(neuron, pointsSurveyed, context);
    const sideAt = (point: Float64Array) => seenAt(context.layers, neuron.incoming, point);
    candidates.push({ neuron, points, asked, sideAt });
  }
  return withoutDeeperOnes(candidates).map(({ neuron }) => neuron);
}

/** What a neuron after known layers sees at a point, less where it bends, with their asymptotes. */
function seenAt(layers: readonly KnownLayer[], incoming: Float64Array, point: Float64Array): number {
  const { features } = cellAt(layers, point);
  const { activation, slope } = layers[0];
  const { meeting } = asymptotesOf(activation, slope);
  return features.reduce(
    (sum, feature, k) => sum + incoming[k] * mapAt(feature, point),
    incoming[features.length] - meeting,
  );
}
