import type { RandomStream } from '../base/random.js';
import { type KnownLayer, neuronsOf } from '../records.js';
import { asymptotesOf } from './cells.js';
import type { Region, Scalar } from './far-field.js';
import { refine, surveySurface } from './survey.js';
import { marginOf } from './trace.js';

/** Points of a neuron's surface, a weight, and beside. */
const points = { perWeight: 3, beside: 6 };

/** A neuron that still changes by more than this, relative to its size, is measured once more; */
const settledChange = 1e-5;
const rounds = 3;

/** and one that does not come to rest, or moves farther than this, stays as it was: other bends were measured. */
const largestChange = 1e-2;

/** Known layers with the surfaces of the last one measured again, each at many points far out. */
export async function refineLast(
  scalar: Scalar,
  layers: readonly KnownLayer[],
  region: Region,
  random: RandomStream,
): Promise<readonly KnownLayer[]> {
  const before = layers.slice(0, -1);
  const last = layers[layers.length - 1];
  const { meeting } = asymptotesOf(last.activation, last.slope);
  const size = last.inputs + 1;
  const first = before.reduce((sum, layer) => sum + neuronsOf(layer), 0);
  const context = { scalar, region, known: layers, margin: marginOf(layers), random };
  const incoming = last.incoming.slice();
  for (let at = 0; at < incoming.length; at += size) {
    const own = incoming.slice(at, at + size);
    const norm = Math.hypot(...own);
    let current: Float64Array = own;
    for (let round = 0; round < rounds; round++) {
      const suspect = { before, incoming: current, meeting, index: first + at / size };
      const survey = await surveySurface(suspect, points.perWeight * size + points.beside, context);
      const refined = refine(suspect, survey.points);
      const change = distance(refined, current);
      current = refined;
      if (distance(refined, own) > largestChange * norm) break;
      if (change > settledChange * norm) continue;
      incoming.set(refined, at);
      break;
    }
  }
  return [...before, { ...last, incoming }];
}

const distance = (one: Float64Array, other: Float64Array) =>
  Math.hypot(...one.map((value, k) => value - other[k]));
