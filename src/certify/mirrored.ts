import { activations } from '../network/activations.js';
import { type DeepNetwork, deepBlocks } from '../network/deep.js';

/** Vectors that differ by less than this, relative to their length, are the same; as accurate as a weight has to be. */
const sameWithin = 1e-6;

/**
 * Whether two neurons of one hidden layer beside a linear path are mirror images: σ(z) and σ(−z) with the same outgoing
 * weights. Both together are an even function, and with the path what one neuron of another activation may give:
 * softplus(z) = (g(z) + g(−z) + z − 1)/2. Of a network that is random this happens never; false without a path, for odd
 * activations, of which two such neurons are one, and for even + linear ones, whose path is never told apart.
 */
export function hasMirroredPair({ shape, parameters }: DeepNetwork): boolean {
  if (!shape.skip || shape.widths.length !== 1 || activations[shape.activation].symmetry !== 'none')
    return false;
  const [incoming, outgoing] = deepBlocks(shape);
  const m = incoming.rows;
  const rowOf = (j: number) =>
    parameters.subarray(incoming.at + j * incoming.columns, incoming.at + (j + 1) * incoming.columns);
  const columnOf = (j: number) =>
    Float64Array.from(
      { length: outgoing.rows },
      (_, i) => parameters[outgoing.at + i * outgoing.columns + j],
    );
  for (let j = 1; j < m; j++) {
    for (let i = 0; i < j; i++) {
      if (isSame(rowOf(i), rowOf(j), -1) && isSame(columnOf(i), columnOf(j), 1)) return true;
    }
  }
  return false;
}

/** Whether u = sign·v. */
function isSame(u: Float64Array, v: Float64Array, sign: 1 | -1): boolean {
  const difference = Math.hypot(...u.map((value, k) => value - sign * v[k]));
  return difference <= sameWithin * Math.hypot(...u);
}
