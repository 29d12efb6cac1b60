import { type DeepNetwork, toDeepNetwork } from '../network/deep.js';
import { forward } from '../network/forward.js';
import type { Dataset } from '../records.js';

/** Answers (count × o, scaled) minus what a network says. */
export function residualsOf(network: DeepNetwork, { inputs, outputs, count }: Dataset): Float64Array {
  const plain = toDeepNetwork(network, new Float64Array(network.shape.outputs).fill(1));
  return forward(plain, inputs, count).map((value, i) => outputs[i] - value);
}

/** Mean squared residual of a network on scaled samples. */
export function lossOf(network: DeepNetwork, dataset: Dataset): number {
  const residuals = residualsOf(network, dataset);
  return residuals.reduce((sum, residual) => sum + residual ** 2, 0) / residuals.length;
}

/** The size of a network's error at every one of some scaled samples. */
export function errorSizes(network: DeepNetwork, dataset: Dataset): Float64Array {
  const residuals = residualsOf(network, dataset);
  const o = dataset.outputDimension;
  return Float64Array.from({ length: dataset.count }, (_, n) =>
    Math.hypot(...residuals.subarray(n * o, (n + 1) * o)),
  );
}
