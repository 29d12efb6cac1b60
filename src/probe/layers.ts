import { type RandomStream, randomStream } from '../base/random.js';
import type { Kernels } from '../kernels/kernels.js';
import { activations } from '../network/activations.js';
import type { KnownLayer } from '../records.js';
import { chooseDistance } from './distance.js';
import { type Region, type Scalar, wholeSpace } from './far-field.js';
import { orient } from './orient.js';
import { type ProbedLayer, probeLayer } from './probe.js';

/** What the far field tells of the first layer. */
export interface KnownLayers {
  /** The first layer, where it was found. */
  readonly layers: readonly KnownLayer[];
  readonly probed: ProbedLayer;
  /** How far out it was probed. */
  readonly distance: number;
}

/** How often a first layer is looked for that was read in part. */
const attempts = 3;

/** Whether neurons must be missing: the answers change in every dimension, and each neuron sees one. */
function isInPart({ grows, count, activation }: ProbedLayer, { dimension }: Scalar): boolean {
  return grows && activation !== undefined && count < dimension;
}

/** The first layer of a target that grows; for bounded targets what the far field tells of it. */
export async function probeFirstLayer(scalar: Scalar, seed: number, kernels: Kernels): Promise<KnownLayers> {
  const labels = [seed, 'far field', 0];
  const distance = await chooseDistance(scalar, [...labels, 'distance']);
  const region = wholeSpace(scalar.dimension, distance);
  let probed = await probeLayer(scalar, region, labels, kernels);
  for (let again = 1; again < attempts && isInPart(probed, scalar); again++) {
    const more = await probeLayer(scalar, region, [...labels, again], kernels);
    if (more.count > probed.count) probed = more;
  }
  const { activation, grows, count, incoming } = probed;
  if (!grows || activation === undefined || count === 0) return { layers: [], probed, distance };
  const random = randomStream(...labels, 'orientation');
  return { layers: [await orientFirst(scalar, region, { activation, incoming }, random)], probed, distance };
}

/** The neurons of a first layer, turned the way they are in the target where that is seen far out, and with their slope. */
export async function orientFirst(
  scalar: Scalar,
  region: Region,
  { activation, incoming }: Pick<KnownLayer, 'activation' | 'incoming'>,
  random: RandomStream,
): Promise<KnownLayer> {
  const { symmetry } = activations[activation];
  const oriented = await orient(scalar, region, incoming, symmetry, random);
  const inputs = scalar.dimension;
  if (oriented === undefined) {
    return { activation, slope: 0, inputs, incoming, oriented: symmetry === 'none' };
  }
  const { slope } = oriented;
  const name = activation === 'relu' && slope !== 0 ? 'leaky_relu' : activation;
  return { activation: name, slope, inputs, incoming: oriented.incoming, oriented: true };
}
