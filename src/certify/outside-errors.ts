import { type ShallowNetwork, type ShallowShape, splitParameters } from '../network/shallow.js';
import type { Identifiability } from './identifiability.js';

/** What is known about the part of the incoming weights that lies outside of the students' subspace. */
export interface OutsideErrors {
  /** Orthonormal rows of the subspace, k × d. */
  readonly basis: Float64Array;
  /** Standard errors of the part outside (m × d); infinite where no query determines it. */
  readonly standardErrors: Float64Array;
}

/**
 * Standard errors in the whole input space from those inside a subspace and those outside of it. The two parts
 * were measured with different queries; inside a neuron, the coordinates' correlations are neglected.
 */
export function withOutsideErrors(
  inside: Identifiability,
  shape: ShallowShape,
  whole: ShallowNetwork,
  outside: OutsideErrors,
): Identifiability {
  const { inputs: k, hidden: m } = shape;
  const d = whole.shape.inputs;
  const own = splitParameters(shape, inside.standardErrors);
  const standardErrors = new Float64Array(whole.parameters.length);
  const { incoming, outgoing } = splitParameters(whole.shape, standardErrors);
  outgoing.set(own.outgoing);
  for (let j = 0; j < m; j++) {
    for (let c = 0; c < d; c++) {
      let variance = outside.standardErrors[j * d + c] ** 2;
      for (let i = 0; i < k; i++) variance += (own.incoming[j * (k + 1) + i] * outside.basis[i * d + c]) ** 2;
      incoming[j * (d + 1) + c] = Math.sqrt(variance);
    }
    incoming[j * (d + 1) + d] = own.incoming[j * (k + 1) + k];
  }
  const determined = outside.standardErrors.every(Number.isFinite);
  return {
    ...inside,
    parameters: whole.parameters.length,
    fullRank: inside.fullRank && determined,
    standardErrors,
  };
}
