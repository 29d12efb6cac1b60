import { randomStream } from '../base/random.js';
import type { Kernels } from '../kernels/kernels.js';
import { type ActivationName, activations } from '../network/activations.js';
import type { KnownLayer } from '../records.js';
import { inChart } from './chart.js';
import { positiveOrthant, type Region, type Scalar, wholeSpace } from './far-field.js';
import { orient } from './orient.js';
import { type ProbedLayer, probeLayer } from './probe.js';

/** Layers found so far, first one first, and where the next one can be looked for. */
export interface KnownLayers {
  readonly layers: readonly KnownLayer[];
  /** The probing of the last layer that was looked for. */
  readonly probed: ProbedLayer;
  /** Undefined where the next layer cannot be probed. */
  readonly next: { readonly scalar: Scalar; readonly region: Region } | undefined;
}

/** The first layer of a target that grows; for bounded targets what the far field tells of it. */
export function probeFirstLayer(scalar: Scalar, seed: number, kernels: Kernels): Promise<KnownLayers> {
  return probeInto([], { scalar, region: wholeSpace(scalar.dimension) }, seed, kernels);
}

/**
 * The layer after those that are known: probed where every neuron of the layer before is active and linear, so that
 * its own neurons bend along planes.
 */
export function probeNextLayer(known: KnownLayers, seed: number, kernels: Kernels): Promise<KnownLayers> {
  if (known.next === undefined) throw new Error('the layer after the known ones cannot be probed');
  return probeInto(known.layers, known.next, seed, kernels);
}

async function probeInto(
  layers: readonly KnownLayer[],
  { scalar, region }: { scalar: Scalar; region: Region },
  seed: number,
  kernels: Kernels,
): Promise<KnownLayers> {
  const labels = [seed, 'far field', layers.length];
  const probed = await probeLayer(scalar, region, labels, kernels);
  const { activation, grows, count } = probed;
  const isContinued = layers.length === 0 || sameFamily(activation, layers[0].activation);
  if (!grows || activation === undefined || count === 0 || !isContinued) {
    return { layers, probed, next: undefined };
  }
  const { symmetry } = activations[activation];
  const random = randomStream(...labels, 'orientation');
  const oriented = await orient(scalar, region, probed.incoming, symmetry, random);
  if (oriented === undefined) {
    if (layers.length > 0) return { layers, probed, next: undefined };
    const layer = {
      activation,
      slope: 0,
      inputs: scalar.dimension,
      incoming: probed.incoming,
      oriented: symmetry === 'none',
    };
    return { layers: [layer], probed, next: undefined };
  }
  const { incoming, slope, chart } = oriented;
  const layer: KnownLayer = {
    activation: activation === 'relu' && slope !== 0 ? 'leaky_relu' : activation,
    slope,
    inputs: scalar.dimension,
    incoming: layers.length === 0 ? incoming : fromOutputs(incoming, scalar.dimension, activation),
    oriented: true,
  };
  // only behind the first layer do all neurons' active sides have a part of the space in common
  const next =
    layers.length === 0
      ? { scalar: inChart(scalar, chart), region: positiveOrthant(chart.dimension) }
      : undefined;
  return { layers: [...layers, layer], probed, next };
}

function sameFamily(activation: ActivationName | undefined, other: ActivationName): boolean {
  return activation === other || (activation === 'relu' && other === 'leaky_relu');
}

/**
 * Incoming vectors (r × (d+1)) from coordinates of the layer before to its outputs: far out, σ(c) is c, and c + 1
 * for g.
 */
function fromOutputs(incoming: Float64Array, d: number, activation: ActivationName): Float64Array {
  const constant = activation === 'g' ? 1 : 0;
  const result = incoming.slice();
  for (let at = 0; at < result.length; at += d + 1) {
    for (let k = 0; k < d; k++) result[at + d] -= constant * result[at + k];
  }
  return result;
}
