import { asymptotesOf } from './cells.js';
import { withoutDeeperOnes } from './spans.js';
import { seenAt } from './survey.js';
import { surveyTraced, type TracedNeuron, type TraceNeuronContext } from './trace-neuron.js';

/** Points of a surface that are looked at. */
const pointsSurveyed = 60;

/** Leaves out traced neurons that only seemed to be of the layer after the known ones. */
export async function withoutDeeper(
  found: readonly TracedNeuron[],
  context: TraceNeuronContext,
): Promise<readonly TracedNeuron[]> {
  const { layers } = context;
  const { meeting } = asymptotesOf(layers[0].activation, layers[0].slope);
  const candidates = [];
  for (const neuron of found) {
    const { points, asked } = await surveyTraced(neuron, pointsSurveyed, context);
    const suspect = { before: layers, incoming: neuron.incoming, meeting };
    const sideAt = (point: Float64Array) => seenAt(suspect, point);
    candidates.push({ neuron, points, asked, sideAt });
  }
  return withoutDeeperOnes(candidates).map(({ neuron }) => neuron);
}
