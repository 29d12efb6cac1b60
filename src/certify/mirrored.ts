import { activations } from '../network/activations.js';
import { activationOf, type DeepNetwork, deepBlocks } from '../network/deep.js';
import { dot } from '../numeric/dot.js';

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

/**
 * Whether in a layer behind the first two even + linear neurons, σ(−z) = σ(z) − κz, lie on both sides of one hyperplane,
 * and a third one gives the next layer a multiple of what one of them does: one of them beside that third one may do as
 * well, if it is affine wherever it is seen. relu(−z) and a neuron that is always on were found in place of one always on.
 */
export function mayMergeMirrored({ shape, parameters }: DeepNetwork): boolean {
  if (shape.skip || shape.widths.length < 2) return false;
  const blocks = deepBlocks(shape);
  return shape.widths.some((width, layer) => {
    const { symmetry, homogeneous } = activations[activationOf(shape, layer)];
    if (layer === 0 || width < 3 || symmetry !== 'even-linear') return false;
    const [own, next] = [blocks[layer], blocks[layer + 1]];
    const rows = Array.from({ length: width }, (_, j) =>
      parameters.subarray(own.at + j * own.columns, own.at + (j + 1) * own.columns),
    );
    const columns = rows.map((_, j) =>
      Float64Array.from({ length: next.rows }, (_, i) => parameters[next.at + i * next.columns + j]),
    );
    const areMirrored = (i: number, j: number) =>
      homogeneous ? areParallel(rows[i], rows[j], -1) : isSame(rows[i], rows[j], -1);
    const isCarried = (i: number, j: number) =>
      columns.some((column, k) => {
        if (k === i || k === j) return false;
        return areParallel(column, columns[i]) || areParallel(column, columns[j]);
      });
    return rows.some((_, j) => rows.slice(0, j).some((_, i) => areMirrored(i, j) && isCarried(i, j)));
  });
}

/** Whether u is a multiple of v, of this sign where one is given. */
function areParallel(u: Float64Array, v: Float64Array, sign?: 1 | -1): boolean {
  const factor = dot(u, v) / dot(v, v);
  if (sign !== undefined && Math.sign(factor) !== sign) return false;
  const difference = Math.hypot(...u.map((value, k) => value - factor * v[k]));
  return difference <= sameWithin * Math.hypot(...u);
}

/** Whether u = sign·v. */
function isSame(u: Float64Array, v: Float64Array, sign: 1 | -1): boolean {
  const difference = Math.hypot(...u.map((value, k) => value - sign * v[k]));
  return difference <= sameWithin * Math.hypot(...u);
}
