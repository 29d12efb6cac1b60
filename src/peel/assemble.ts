import { activations } from '../network/activations.js';
import { type DeepNetwork, fromMatrices } from '../network/deep.js';
import { type ShallowNetwork, type ShallowShape, splitParameters } from '../network/shallow.js';
import { turnRows } from '../numeric/signs.js';
import { type KnownLayer, neuronsOf } from '../records.js';
import { type Peeled, unpeelIncoming } from './peeled.js';

/** Tells the signs of neurons from the affine path that they leave in the next layer (method.md §6). */
export type ResolveSigns = (
  skip: Float64Array,
  maps: Float64Array,
  half: number | undefined,
) => { readonly signs: readonly (1 | -1)[]; readonly half: number } | undefined;

/**
 * Puts known layers and the network that was found behind them together. Where the last known layer's signs are
 * open, they follow from what the next layer sees past it. Undefined where no choice of signs explains that.
 */
export function assemble(
  peeled: Peeled,
  found: ShallowNetwork,
  resolveSigns: ResolveSigns,
): DeepNetwork | undefined {
  const { shape, parameters } = found;
  const { incoming, outgoing } = splitParameters(shape, parameters);
  const layers = [...peeled.layers];
  const last = layers[layers.length - 1];
  let { activation, slope } = shape;
  let behind: Float64Array = unpeelIncoming(peeled, incoming);
  if (!last.oriented) {
    const turned = turnLayer(last, behind, shape, peeled.dimension, resolveSigns);
    if (turned === undefined) return undefined;
    layers[layers.length - 1] = turned.layer;
    behind = turned.next;
    if (turned.layer.slope !== 0) ({ activation, slope } = turned.layer);
  }
  return fromMatrices(activation, slope, [
    ...layers.map((layer) => ({ values: layer.incoming, rows: neuronsOf(layer) })),
    { values: behind, rows: shape.hidden },
    { values: outgoing.slice(), rows: shape.outputs },
  ]);
}

/**
 * A layer v_j = e_j·w_j with open signs e_j, and the next one's vectors over [σ(v·x̃); x]: with
 * σ(−z) = σ(z) − κz the latter hold −κ·Σ a_j·v_j over the mirrored j. Leaky ReLU, seen as ReLU, leaves its linear
 * part there too.
 */
function turnLayer(
  layer: KnownLayer,
  next: Float64Array,
  { hidden, activation }: ShallowShape,
  dimension: number,
  resolveSigns: ResolveSigns,
): { layer: KnownLayer; next: Float64Array } | undefined {
  const size = dimension + 1;
  const d = layer.inputs;
  const r = neuronsOf(layer);
  const v = (j: number, k: number) => layer.incoming[j * (d + 1) + k];
  const skip = new Float64Array(hidden * d);
  const maps = new Float64Array(r * hidden * d);
  for (let i = 0; i < hidden; i++) {
    for (let k = 0; k < d; k++) {
      skip[i * d + k] = next[i * size + r + k];
      for (let j = 0; j < r; j++) maps[(j * hidden + i) * d + k] = next[i * size + j] * v(j, k);
    }
  }
  const isLeaky = activation === 'leaky_relu' || activation === 'relu';
  const half = isLeaky ? undefined : activations[activation].evenSlope(0) / 2;
  const resolved = resolveSigns(skip, maps, half);
  if (resolved === undefined) return undefined;
  const measured = isLeaky ? (resolved.half - 0.5) / (resolved.half + 0.5) : 0;
  const slope = Math.abs(measured) > 1e-5 ? measured : 0;
  const incoming = turnRows(layer.incoming, resolved.signs);
  const behind = new Float64Array(hidden * (r + 1));
  for (let i = 0; i < hidden; i++) {
    let bias = next[i * size + dimension];
    for (let j = 0; j < r; j++) {
      const weight = next[i * size + j] / (1 - slope);
      const sign = resolved.signs[j];
      behind[i * (r + 1) + j] = weight;
      bias += weight * (sign === 1 ? -slope : 1) * v(j, d);
    }
    behind[i * (r + 1) + r] = bias;
  }
  const name = slope !== 0 ? 'leaky_relu' : layer.activation;
  return { layer: { activation: name, slope, inputs: d, incoming, oriented: true }, next: behind };
}
