import { activations } from '../network/activations.js';
import { extraColumns, splitParameters } from '../network/shallow.js';
import { dot } from '../numeric/dot.js';
import type { Fitter } from '../optimise/fit.js';
import type { Dataset } from '../records.js';
import { type Reconstruction, reconstructFrom } from './reconstruct.js';

/** The activation with two kinks and a straight piece between them, which the others of its family are written with. */
const clipped = 'hardtanh';

/** Normals, places and jumps that differ by less, relative to their size, are the same: fitted neurons are so to 1e-7. */
const same = 1e-5;

/** Where the slope of a network jumps across a hyperplane n·x = at, by a vector of one number an output. */
interface Kink {
  at: number;
  readonly jump: Float64Array;
}

/** The kinks across hyperplanes with one normal. */
interface Bundle {
  readonly normal: Float64Array;
  readonly kinks: Kink[];
}

/**
 * Writes piecewise linear neurons as the fewest clipped ones, where that is possible. A clipped neuron can be split at
 * any place between its kinks, and two ReLU neurons with opposite jumps are a clipped one: students have them as they
 * come, and the deletion of one at a time does not join them. Returns undefined where nothing is gained, or where the
 * clipped neurons do not fit to `tolerance`.
 */
export async function joinClipped(
  found: Reconstruction,
  dataset: Dataset,
  tolerance: number,
  fitter: Fitter,
): Promise<Reconstruction | undefined> {
  const { shape } = found;
  if (shape.activation !== clipped && shape.activation !== 'relu') return undefined;
  const incoming = joined(bundlesOf(found));
  const hidden = incoming === undefined ? 0 : incoming.length / (shape.inputs + 1);
  if (incoming === undefined || hidden === 0 || hidden >= shape.hidden) return undefined;
  // beside a path of the target's own, where there is one
  for (const skip of shape.skip ? [false, true] : [false]) {
    const fewer = { ...shape, activation: clipped, hidden, slope: 0, skip } as const;
    const better = await reconstructFrom(fewer, incoming, dataset, tolerance, fitter);
    if (!(better.loss <= tolerance)) continue;
    const removed = found.deletions.filter((deletion) => deletion.removed);
    return { ...better, deletions: [...removed, ...better.deletions] };
  }
  return undefined;
}

/** The kinks of all neurons, those across parallel hyperplanes together. */
function bundlesOf({ shape, parameters }: Reconstruction): Bundle[] {
  const { inputs: d, hidden, outputs } = shape;
  const { incoming, outgoing } = splitParameters(shape, parameters);
  const columns = hidden + extraColumns(shape);
  const { kinks } = activations[shape.activation];
  const bundles: Bundle[] = [];
  for (let j = 0; j < hidden; j++) {
    const weights = incoming.subarray(j * (d + 1), j * (d + 1) + d);
    const bias = incoming[j * (d + 1) + d];
    const length = Math.sqrt(dot(weights, weights));
    if (!(length > 0)) continue;
    const normal = weights.map((weight) => weight / length);
    const bundle = bundleAlong(bundles, normal);
    const side = Math.sign(dot(bundle.normal, normal));
    // whichever way the normal points, the slope along it goes up by a·‖w‖ at the first kink and comes down at the second
    for (const [i, kink] of kinks.entries()) {
      const rise = i === 0 ? length : -length;
      const jump = Float64Array.from({ length: outputs }, (_, o) => rise * outgoing[o * columns + j]);
      addKink(bundle, { at: (side * (kink - bias)) / length, jump });
    }
  }
  return bundles;
}

function bundleAlong(bundles: Bundle[], normal: Float64Array): Bundle {
  const found = bundles.find((bundle) => {
    const cosine = dot(bundle.normal, normal);
    const off = normal.map((value, k) => value - cosine * bundle.normal[k]);
    return Math.sqrt(dot(off, off)) < same;
  });
  if (found !== undefined) return found;
  const bundle = { normal, kinks: [] };
  bundles.push(bundle);
  return bundle;
}

/** Adds a kink to those of its bundle; at the same place their jumps add up. */
function addKink({ kinks }: Bundle, { at, jump }: Kink): void {
  const own = kinks.find((kink) => Math.abs(kink.at - at) < same * (1 + Math.abs(at)));
  if (own === undefined) kinks.push({ at, jump });
  else for (let o = 0; o < jump.length; o++) own.jump[o] += jump[o];
}

/** Incoming vectors of the clipped neurons whose kinks these are, k × (d+1); undefined where kinks do not pair up. */
function joined(bundles: readonly Bundle[]): Float64Array | undefined {
  const size = (jump: Float64Array) => Math.sqrt(dot(jump, jump));
  const largest = Math.max(...bundles.flatMap(({ kinks }) => kinks.map(({ jump }) => size(jump))));
  const vectors: number[] = [];
  for (const { normal, kinks } of bundles) {
    const open = kinks.filter(({ jump }) => size(jump) > same * largest).sort((a, b) => a.at - b.at);
    while (open.length > 0) {
      const first = open.shift()!;
      const off = open.map(({ jump }) => size(jump.map((value, o) => value + first.jump[o])));
      const partner = off.findIndex((value) => value < same * size(first.jump));
      if (partner < 0) return undefined;
      const [second] = open.splice(partner, 1);
      const width = second.at - first.at;
      vectors.push(...normal.map((value) => (2 * value) / width), -(first.at + second.at) / width);
    }
  }
  return Float64Array.from(vectors);
}
