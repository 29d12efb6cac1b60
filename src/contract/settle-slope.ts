import { type PolishedDeep, polishSlope } from '../polish/polish-deep.js';
import type { ContractContext } from '../prune/contract.js';
import type { Dataset } from '../records.js';

/**
 * How far slopes of leaky ReLU that surfaces show may be off, and the descents that tell: of a trained 6-7-5-1 in float32
 * it came out 4e-4 too large, with which the network of the right widths stayed at 1e-9, 1e4 times the floor.
 */
const openSlope = { steps: [1e-4, 1e-5, 1e-6], maxIterations: 40 };

/** A network above the floor with the slope below zero that leaves least; others than leaky ReLU as they are. */
export async function settleSlope(
  network: PolishedDeep,
  dataset: Dataset,
  { floor, fitter }: Pick<ContractContext, 'floor' | 'fitter'>,
): Promise<PolishedDeep> {
  if (network.shape.slope === 0 || network.loss <= floor) return network;
  const { steps, maxIterations } = openSlope;
  return polishSlope(network, dataset, fitter, { maxIterations, tolerance: floor }, steps);
}
