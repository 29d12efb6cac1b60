import { randomStream } from '../base/random.js';
import { extraColumns, type ShallowShape, shallowParameterCount } from '../network/shallow.js';

/** Standard deviation of a hidden unit's input at a random start. */
const preActivationDeviation = 1.5;

/**
 * Random parameters of a student for inputs of standard deviation `spread`: hyperplanes that cut the cloud,
 * output weights that give outputs of variance near 1.
 */
export function randomParameters(
  shape: ShallowShape,
  spread: number,
  labels: readonly (string | number)[],
): Float64Array {
  const random = randomStream(...labels);
  const { inputs: d, hidden: m, outputs: o } = shape;
  const parameters = new Float64Array(shallowParameterCount(shape));
  const incoming = preActivationDeviation / Math.sqrt(d + 1);
  let at = 0;
  for (let j = 0; j < m; j++) {
    for (let k = 0; k < d; k++) parameters[at++] = incoming * random.normal();
    parameters[at++] = incoming * spread * random.normal();
  }
  for (let i = 0; i < o; i++) {
    for (let j = 0; j < m; j++) parameters[at++] = random.normal() / Math.sqrt(m);
    at += extraColumns(shape);
  }
  return parameters;
}
