import type { Activation } from './activations.js';

/**
 * Where the interval of biases begins, in half periods before the middle: where no network puts them on purpose, as
 * biases on both of its ends are the same.
 */
const start = 0.6047;

/** How a neuron of a periodic activation, σ(z + h) = −σ(z), is brought into one form of those that equal it. */
export interface Unwinding {
  /** Whether its incoming vector is turned, which an odd activation allows. */
  readonly turned: boolean;
  /** Half periods that are then taken off its bias; an odd number turns its outgoing weights. */
  readonly halfPeriods: number;
}

/**
 * The form of an incoming vector (d+1, bias last) of an odd and periodic activation: σ(z) = −σ(−z) and
 * σ(z + h) = −σ(z) leave the sign of its weights and its bias modulo h open (method.md §2).
 */
export function unwinding(vector: Float64Array, halfPeriod: number): Unwinding {
  const d = vector.length - 1;
  let side = 0;
  // a fixed direction that no network is made for
  for (let k = 0; k < d; k++) side += vector[k] * Math.cos(1 + 1.7 * k);
  const turned = side < 0;
  const bias = turned ? -vector[d] : vector[d];
  return { turned, halfPeriods: Math.floor(bias / halfPeriod + start) };
}

/** An incoming vector in the form that all that equal it share; those of other activations stay as they are. */
export function unwound(vector: Float64Array, { halfPeriod }: Activation): Float64Array {
  if (halfPeriod === null) return vector;
  const { turned, halfPeriods } = unwinding(vector, halfPeriod);
  const own = turned ? vector.map((value) => -value) : vector.slice();
  own[own.length - 1] -= halfPeriods * halfPeriod;
  return own;
}
