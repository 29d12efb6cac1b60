import { activations } from '../network/activations.js';
import { activationOf, type DeepNetwork, deepBlocks, pathPlaces } from '../network/deep.js';
import { tieLayer } from '../network/residual.js';
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
 * Whether in a layer behind the first two even + linear neurons, σ(−z) = σ(z) − κz, lie on both sides of one hyperplane:
 * one of them gives what both do beside a linear path past the layer, or beside a neuron that is affine wherever it is
 * seen. A residual layer of silu neurons was found as twice as many without a path, and relu(−z) and a neuron that is
 * always on in place of one always on. Of a network that is random this happens never.
 */
export function mayMergeMirrored({ shape, parameters }: DeepNetwork): boolean {
  if (shape.skip) return false;
  const blocks = deepBlocks(shape);
  return shape.widths.some((width, layer) => {
    const { symmetry, homogeneous } = activations[activationOf(shape, layer)];
    if (layer === 0 || symmetry !== 'even-linear') return false;
    const { at, columns } = blocks[layer];
    const rows = Array.from({ length: width }, (_, j) =>
      parameters.subarray(at + j * columns, at + (j + 1) * columns),
    );
    const areMirrored = (u: Float64Array, v: Float64Array) =>
      homogeneous ? areOpposite(u, v) : isSame(u, v, -1);
    return rows.some((row, j) => rows.slice(0, j).some((other) => areMirrored(other, row)));
  });
}

/** Errors of weights that a tie may have, in standard errors, and where these are tiny. */
const tie = { deviations: 30, least: sameWithin, most: 1e-3 };

/**
 * Whether a path past even + linear neurons behind the first layer leaves their signs open: every choice of them gives
 * the same answers beside another path, and none is the one of a residual layer (`tieLayer`). `relativeError` is the
 * largest standard error of the weights, relative to their neuron.
 */
export function leavesSignsOpen(network: DeepNetwork, relativeError: number): boolean {
  const { shape, parameters } = network;
  if (!shape.skip || !shape.residual || pathPlaces({ shape, parameters }).length === 0) return false;
  const areEven = shape.widths.some(
    (_, layer) => layer > 0 && activations[activationOf(shape, layer)].symmetry === 'even-linear',
  );
  const tolerance = Math.min(Math.max(tie.deviations * relativeError, tie.least), tie.most);
  return areEven && tieLayer(network, tolerance) === undefined;
}

/** Whether u is a negative multiple of v. */
function areOpposite(u: Float64Array, v: Float64Array): boolean {
  const factor = dot(u, v) / dot(v, v);
  const difference = Math.hypot(...u.map((value, k) => value - factor * v[k]));
  return factor < 0 && difference <= sameWithin * Math.hypot(...u);
}

/** Whether u = sign·v. */
function isSame(u: Float64Array, v: Float64Array, sign: 1 | -1): boolean {
  const difference = Math.hypot(...u.map((value, k) => value - sign * v[k]));
  return difference <= sameWithin * Math.hypot(...u);
}
