import { randomStream } from '../base/random.js';
import { errorsOfSums, type HeadAccuracy } from '../network/head.js';
import { type Scalar, valuesAt, wholeSpace } from '../probe/far-field.js';
import { roundedDistance } from '../probe/rounded-layer.js';
import { scalarOf, showsBends } from './far-field.js';
import type { Search } from './problem.js';

/** The target as one number a point, where bends are looked for at `roundedDistance` in units of its own. */
export interface BendField {
  readonly scalar: Scalar;
  /** The length of one of its units in those of the inputs; 1 where the far field itself is seen. */
  readonly unit: number;
}

/** Points that are asked at a distance, and the share of them at which the sums must be known. */
const asked = { points: 64, known: 0.95 };

/** Distances that are tried, each so many times the one before, and the least at which a layer's bends are told apart. */
const distances = { first: 1, factor: 1.5, least: 4 };

/**
 * Where the bends of rounded answers may be seen: far out, or behind a softmax within the distance at which its sums are
 * still known. Those are as accurate there, for their size, as answers without a head are far out, and piecewise linear
 * neurons look the same at every distance. Undefined where neither is so.
 */
export async function bendFieldOf(search: Search): Promise<BendField | undefined> {
  const { source, accuracy } = search.problem;
  if (showsBends({ source, accuracy })) return { scalar: scalarOf(search), unit: 1 };
  const { head, reach } = source;
  const isOpen = head?.head.name === 'softmax' && reach === Number.POSITIVE_INFINITY && !source.grid;
  if (!isOpen || !showsBends({ source: { ...source, seesFar: true }, accuracy })) return undefined;
  const near = knownSums(search, head);
  const { dimension } = near;
  const random = randomStream(search.attempt.settings.seed, 'near field');
  let distance = 0;
  for (let next = distances.first; next <= roundedDistance; next *= distances.factor) {
    const region = wholeSpace(dimension, next);
    const points = Array.from({ length: asked.points }, () => region.draw(random));
    const values = await valuesAt(near, points);
    const known = values.reduce((sum, value) => sum + Number(!Number.isNaN(value)), 0);
    if (known < asked.known * asked.points) break;
    distance = next;
  }
  if (distance < distances.least) return undefined;
  const unit = distance / roundedDistance;
  const scalar: Scalar = {
    ...near,
    reach: 2 * roundedDistance,
    evaluate: (points, count) =>
      near.evaluate(
        points.map((value) => unit * value),
        count,
      ),
  };
  return { scalar, unit };
}

/** A sum is known where so many times what rounding of the sums themselves leaves is not less than its error. */
const asSums = 3;

/** The target as one number a point: NaN where the head leaves a sum less accurate than rounding of the sums does. */
function knownSums(search: Search, head: HeadAccuracy): Scalar {
  const { statistics, factors } = search.problem;
  const o = factors.length;
  return scalarOf(search, 'far field', (sums) => {
    const { rounding, noise } = errorsOfSums(head.head, sums, head);
    for (let at = 0; at < sums.length; at += o) {
      let most = 1;
      for (let k = at; k < at + o; k++) most = Math.max(most, Math.abs(sums[k]));
      // all of a row lie within twice its largest sum
      const limit = (asSums * statistics.roundoff * (1 + 2 * most)) ** 2;
      for (let k = at; k < at + o; k++) if (!(rounding[k] + noise[k] <= limit)) sums[k] = Number.NaN;
    }
    return sums;
  });
}
