import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { type KnownLayer, neuronsOf } from '../records.js';
import { asymptotesOf } from './cells.js';
import type { Region, Scalar } from './far-field.js';
import { refine, surveySurface } from './survey.js';
import { marginOf } from './trace.js';

/** Points of a neuron's surface, a weight, and beside; fewer than `enough` a weight are too few. */
const points = { perWeight: 3, beside: 6, enough: 2 };

/** A neuron that still changes by more than this, relative to its size, is measured once more; */
const settledChange = 1e-5;
const rounds = 3;

/**
 * and one that does not come to rest, or moves farther than this, stays as it was: other bends were measured. A bias was
 * read from so far out that it may be off by more: by this share of the distance.
 */
const largestChange = 1e-2;
const largestShift = 1e-7;

/**
 * Known layers with the surfaces of the last one measured again, each at many points of the first region far out, and
 * of the next ones where the surface is met too seldom in those before.
 */
export async function refineLast(
  scalar: Scalar,
  layers: readonly KnownLayer[],
  regions: readonly Region[],
  random: RandomStream,
): Promise<readonly KnownLayer[]> {
  const before = layers.slice(0, -1);
  const last = layers[layers.length - 1];
  const { meeting } = asymptotesOf(last.activation, last.slope);
  const size = last.inputs + 1;
  const first = before.reduce((sum, layer) => sum + neuronsOf(layer), 0);
  const context = { scalar, known: layers, margin: marginOf(layers), random };
  const wanted = points.perWeight * size + points.beside;
  const incoming = last.incoming.slice();
  for (let at = 0; at < incoming.length; at += size) {
    const own = incoming.slice(at, at + size);
    let current: Float64Array = own;
    for (let round = 0; round < rounds; round++) {
      const suspect = { before, incoming: current, meeting, index: first + at / size };
      const met: Float64Array[] = [];
      for (const region of regions) {
        if (met.length < points.enough * size)
          met.push(...(await surveySurface(suspect, wanted, { ...context, region })).points);
      }
      const refined = refine(suspect, met);
      const farthest = met.reduce((most, point) => Math.max(most, Math.sqrt(dot(point, point))), 0);
      const isWithin = (from: Float64Array, share: number) => {
        const change = refined.map((value, k) => value - from[k]);
        const allowed = share * Math.hypot(...own);
        return (
          Math.hypot(...change.subarray(0, -1)) <= allowed &&
          Math.abs(change[size - 1]) <= Math.max(allowed, largestShift * farthest)
        );
      };
      if (!isWithin(own, largestChange)) break;
      const isSettled = isWithin(current, settledChange);
      current = refined;
      if (!isSettled) continue;
      incoming.set(refined, at);
      break;
    }
  }
  return [...before, { ...last, incoming }];
}
