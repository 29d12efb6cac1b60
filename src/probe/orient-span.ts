import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import { orthonormalise, projectOut } from '../numeric/orthogonal.js';
import { allSigns, turnRows } from '../numeric/signs.js';
import type { KnownLayer } from '../records.js';
import { cellAt } from './cells.js';
import { along, type Region, type Scalar, valuesAt } from './far-field.js';
import { marginOf } from './trace.js';

/** Of more neurons not all choices of their signs are tried. */
const mostNeurons = 12;

/** Points at which the gradient is measured, and how many draws may fail for one that does not. */
const points = 60;
const drawsPerPoint = 4;

/** A gradient lies in a span when what is left of it is this small. */
const insideSpan = 1e-6;

/** Gradients that another bend nearby may have spoilt, and how many more must speak against every other choice. */
const mostSpoilt = 2;
const leastAgainst = 4;

/** A gradient far out, and what it may consist of. */
interface Witness {
  readonly gradient: Float64Array;
  /** Gradients of what the layer's neurons see, and on which side each is. */
  readonly rows: readonly Float64Array[];
  readonly sides: readonly boolean[];
}

/**
 * The signs of a layer's neurons from gradients far out, where inactive neurons do not change at all: the target's
 * gradient lies in the span of those of the active ones. The only choice of signs with which it does everywhere is the
 * right one; undefined where there is none, as with leaky ReLU, or several. The last of the layers is the one whose
 * signs are open.
 */
export async function orientBySpan(
  scalar: Scalar,
  layers: readonly KnownLayer[],
  region: Region,
  random: RandomStream,
): Promise<KnownLayer | undefined> {
  const last = layers[layers.length - 1];
  const size = last.inputs + 1;
  const count = last.incoming.length / size;
  if (count > mostNeurons || last.slope !== 0) return undefined;
  const witnesses: Witness[] = [];
  for (let draw = 0; witnesses.length < points && draw < drawsPerPoint * points; draw++) {
    const witness = await witnessAt(scalar, layers, region.draw(random), count);
    if (witness !== undefined) witnesses.push(witness);
  }
  if (witnesses.length < points / 2) return undefined;
  let best: { signs: readonly (1 | -1)[]; against: number } | undefined;
  let second = Number.POSITIVE_INFINITY;
  for (const signs of allSigns(count)) {
    const limit = Math.min(second, (best?.against ?? Number.POSITIVE_INFINITY) + leastAgainst + 1);
    const against = countAgainst(witnesses, signs, limit);
    if (best === undefined || against < best.against) {
      second = best?.against ?? second;
      best = { signs, against };
    } else second = Math.min(second, against);
  }
  if (best === undefined || best.against > mostSpoilt || second < best.against + leastAgainst)
    return undefined;
  const { signs } = best;
  return {
    ...last,
    incoming: turnRows(last.incoming, signs),
    oriented: true,
  };
}

/** How many gradients do not lie in the span of what these signs make active, up to a limit. */
function countAgainst(witnesses: readonly Witness[], signs: readonly (1 | -1)[], limit: number): number {
  let against = 0;
  for (const { gradient, rows, sides } of witnesses) {
    const d = gradient.length;
    const active = rows.filter((_, j) => sides[j] === signs[j] > 0);
    if (active.length >= d) continue;
    const matrix = new Float64Array(d * active.length);
    active.forEach((row, column) => {
      for (let k = 0; k < d; k++) matrix[k * active.length + column] = row[k];
    });
    const rest = gradient.slice();
    projectOut(orthonormalise(matrix, d, active.length, insideSpan), rest);
    if (Math.sqrt(dot(rest, rest)) > insideSpan && ++against >= limit) break;
  }
  return against;
}

/** The gradient at a far point, of length 1; undefined where something bends nearby, or nothing changes. */
async function witnessAt(
  scalar: Scalar,
  layers: readonly KnownLayer[],
  point: Float64Array,
  count: number,
): Promise<Witness | undefined> {
  const d = point.length;
  const cell = cellAt(layers, point);
  const step = 1e-4 * Math.sqrt(dot(point, point));
  const margin = marginOf(layers);
  const isNear = cell.bends.some((bend) => {
    const gradient = bend.subarray(0, d);
    const distance = Math.abs(dot(gradient, point) + bend[d]);
    return distance < margin + 2 * step * Math.sqrt(dot(gradient, gradient));
  });
  if (isNear) return undefined;
  const moved = Array.from({ length: d }, (_, k) => {
    const axis = new Float64Array(d).with(k, 1);
    return [along(point, axis, step), along(point, axis, -step)];
  });
  const values = await valuesAt(scalar, [point, ...moved.flat()]);
  const noise = 100 * scalar.roundoff * values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const gradient = new Float64Array(d);
  for (let k = 0; k < d; k++) {
    const [up, down] = [values[2 * k + 1], values[2 * k + 2]];
    if (Math.abs(up + down - 2 * values[0]) > noise) return undefined;
    gradient[k] = (up - down) / (2 * step);
  }
  const norm = Math.sqrt(dot(gradient, gradient));
  if (!(norm * step > noise / insideSpan)) return undefined;
  const first = cell.bends.length - count;
  return {
    gradient: gradient.map((value) => value / norm),
    rows: cell.bends.slice(first).map((bend) => bend.slice(0, d)),
    sides: cell.pattern.slice(first),
  };
}
