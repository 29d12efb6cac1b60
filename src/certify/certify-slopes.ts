import type { DeepNetwork } from '../network/deep.js';
import { slopesProblem } from '../optimise/slopes-problem.js';
import type { Dataset } from '../records.js';
import { type Identifiability, identifiabilityOf } from './identifiability.js';
import { neuronsOf } from './neuron-places.js';

/** Rank, condition and standard errors of a network with a slope for each neuron, which were fitted with the weights. */
export function besideSlopes(
  network: DeepNetwork,
  slopes: Float64Array,
  dataset: Dataset,
  floor: number,
): Identifiability {
  const { shape, parameters } = network;
  const { widths, activations: _, ...rest } = shape;
  const problem = slopesProblem({ ...rest, hidden: widths[0] }, dataset);
  const all = Float64Array.of(...parameters, ...slopes);
  const found = identifiabilityOf(problem, all, neuronsOf(network), true, floor);
  return {
    ...found,
    standardErrors: found.standardErrors.slice(0, parameters.length),
    slopeErrors: found.standardErrors.slice(parameters.length),
  };
}
