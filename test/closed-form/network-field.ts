import type { Field } from '../../src/closed-form/field.js';
import { type ActivationName, activations } from '../../src/network/activations.js';

/** A network with one hidden layer: rows (length k) with biases, outgoing weights a neuron (o each). */
export interface SmallNetwork {
  readonly activation: ActivationName;
  readonly rows: readonly Float64Array[];
  readonly biases: readonly number[];
  readonly outgoing: readonly (readonly number[])[];
}

/** A field that answers as a network, counts what it is asked, and may round its answers to float32. */
export function fieldOf(
  { activation, rows, biases, outgoing }: SmallNetwork,
  { isRounded = false, limit = Number.POSITIVE_INFINITY } = {},
): Field & { asked: () => number; farthest: () => number } {
  const k = rows[0].length;
  const o = outgoing[0].length;
  const { value } = activations[activation];
  let asked = 0;
  let farthest = 0;
  return {
    dimension: k,
    outputs: o,
    error: isRounded ? 2 ** -24 : 2 ** -52,
    asked: () => asked,
    farthest: () => farthest,
    room: (point, direction) =>
      point.reduce((least, x, a) => {
        const way = direction[a];
        return way === 0 ? least : Math.min(least, (limit - Math.sign(way) * x) / Math.abs(way));
      }, Number.POSITIVE_INFINITY),
    async evaluate(points, count) {
      asked += count;
      for (const x of points) farthest = Math.max(farthest, Math.abs(x));
      const answers = new Float64Array(count * o);
      for (let n = 0; n < count; n++) {
        rows.forEach((row, j) => {
          const z = row.reduce((sum, weight, a) => sum + weight * points[n * k + a], biases[j]);
          for (let i = 0; i < o; i++) answers[n * o + i] += outgoing[j][i] * value(z, 0);
        });
      }
      return isRounded ? answers.map(Math.fround) : answers;
    },
  };
}
