import { activations } from '../network/activations.js';
import { type ShallowShape, splitParameters } from '../network/shallow.js';
import type { Dataset } from '../records.js';

/**
 * The floor of the loss: the mean squared error that rounding alone leaves, in scaled outputs, when target
 * and network are evaluated with the given unit `roundoff`. A first-order bound on the terms that are summed:
 * u²·(y² + Σᵢ aᵢ²·(σ(zᵢ)² + σ′(zᵢ)²·Σₖ (wᵢₖxₖ)²)), averaged over samples and outputs.
 */
export function roundingFloor(
  shape: ShallowShape,
  parameters: Float64Array,
  dataset: Dataset,
  roundoff: number,
): number {
  const { inputs: d, hidden: m, outputs: o, slope } = shape;
  const { value, derivative } = activations[shape.activation];
  const { incoming, outgoing } = splitParameters(shape, parameters);
  const columns = outgoing.length / o;
  let sum = 0;
  for (let n = 0; n < dataset.count; n++) {
    for (let k = 0; k < o; k++) sum += dataset.outputs[n * o + k] ** 2;
    for (let j = 0; j < m; j++) {
      let z = incoming[j * (d + 1) + d];
      let terms = z * z;
      for (let k = 0; k < d; k++) {
        const term = incoming[j * (d + 1) + k] * dataset.inputs[n * d + k];
        z += term;
        terms += term * term;
      }
      const unit = value(z, slope) ** 2 + derivative(z, slope) ** 2 * terms;
      for (let k = 0; k < o; k++) sum += outgoing[k * columns + j] ** 2 * unit;
    }
  }
  return (roundoff ** 2 * sum) / (dataset.count * o);
}

/**
 * Mean squared error of the outputs, in scaled units, that standard errors of the parameters (in their order)
 * explain to first order when they are independent; 0 where they are not known.
 */
export function propagatedError(
  shape: ShallowShape,
  parameters: Float64Array,
  standardErrors: Float64Array,
  dataset: Dataset,
): number {
  if (!standardErrors.every(Number.isFinite)) return 0;
  const { inputs: d, hidden: m, outputs: o, slope } = shape;
  const { value, derivative } = activations[shape.activation];
  const { incoming, outgoing } = splitParameters(shape, parameters);
  const errors = splitParameters(shape, standardErrors);
  let sum = 0;
  for (let n = 0; n < dataset.count; n++) {
    for (let k = 0; k < o; k++) sum += errors.outgoing[k * (m + 1) + m] ** 2;
    for (let j = 0; j < m; j++) {
      let z = incoming[j * (d + 1) + d];
      let spread = errors.incoming[j * (d + 1) + d] ** 2;
      for (let k = 0; k < d; k++) {
        const x = dataset.inputs[n * d + k];
        z += incoming[j * (d + 1) + k] * x;
        spread += (errors.incoming[j * (d + 1) + k] * x) ** 2;
      }
      const unit = value(z, slope) ** 2;
      const throughInput = derivative(z, slope) ** 2 * spread;
      for (let k = 0; k < o; k++) {
        sum += errors.outgoing[k * (m + 1) + j] ** 2 * unit + outgoing[k * (m + 1) + j] ** 2 * throughInput;
      }
    }
  }
  return sum / (dataset.count * o);
}
