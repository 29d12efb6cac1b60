import { splitParameters } from '../network/shallow.js';
import type { Polished } from './polish.js';

/**
 * An output bias this large, as a share of Σ a² (both squared and summed over outputs), speaks for sigmoid:
 * written with tanh, a sigmoid network's bias takes up half of every outgoing weight, ±a/2 each.
 */
const sigmoidShare = 0.1;

/** Whether the output weights of a network of tanh neurons, a row an output with its bias last, are those of sigmoid ones. */
export function speaksForSigmoid(outputs: readonly Float64Array[]): boolean {
  let bias = 0;
  let weights = 0;
  for (const row of outputs) {
    bias += row[row.length - 1] ** 2;
    for (const weight of row.subarray(0, -1)) weights += weight ** 2;
  }
  return bias > sigmoidShare * weights;
}

/**
 * Names a network of the tanh family. tanh(z) = 2·sigmoid(2z) − 1, so no query tells the two apart; what
 * differs is the output bias, which the other activation would have to make up. The form with the modest bias
 * is the likelier one, and it is only a name: the other describes the same function.
 */
export function nameFamily(polished: Polished): Polished {
  const { shape, parameters, loss } = polished;
  if (shape.activation !== 'tanh' || shape.skip) return polished;
  const { hidden: m, outputs: o } = shape;
  const { outgoing } = splitParameters(shape, parameters);
  const outputs = Array.from({ length: o }, (_, i) => outgoing.subarray(i * (m + 1), (i + 1) * (m + 1)));
  if (!speaksForSigmoid(outputs)) return polished;
  const converted = parameters.map((value) => 2 * value);
  const target = splitParameters(shape, converted).outgoing;
  for (let i = 0; i < o; i++) {
    let sum = outgoing[i * (m + 1) + m];
    for (let j = 0; j < m; j++) sum -= outgoing[i * (m + 1) + j];
    target[i * (m + 1) + m] = sum;
  }
  return { shape: { ...shape, activation: 'sigmoid' }, parameters: converted, loss };
}
