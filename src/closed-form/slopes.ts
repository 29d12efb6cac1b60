import type { RandomStream } from '../base/random.js';
import { orthonormaliseColumns } from '../numeric/orthogonal.js';
import type { Field } from './field.js';
import { drawPoint, hasUnknown, moved, normalPoint, stepWith } from './points.js';

/** Spread of the points. */
const pointSpread = 1;

/** Points that a head hides are replaced in so many rounds. */
const rounds = 4;

/** A point with the slopes that were measured there, along the first of the directions that all points share. */
export interface SlopesAt {
  readonly point: Float64Array;
  /** Of every direction, the slopes of all outputs (o). */
  readonly columns: readonly Float64Array[];
}

/** Slopes of a field at points of its own, along random directions; each is asked once, when it is wanted. */
export interface Slopes {
  /** k orthonormal directions. */
  readonly directions: readonly Float64Array[];
  /** Slopes along the first `m` directions at `count` points; undefined where a head hides too many. */
  take(count: number, m: number): Promise<readonly SlopesAt[] | undefined>;
  /** Slopes along all directions at the first `count` of the points that were taken; undefined where a head hides one. */
  complete(count: number): Promise<readonly SlopesAt[] | undefined>;
}

interface Held {
  readonly point: Float64Array;
  /** The answers there, where differences are one-sided and it was asked. */
  here?: Float64Array;
  readonly columns: Float64Array[];
}

/** Where answers are this accurate, one-sided differences are accurate enough, to 1e-8: half of the queries. */
const oneSided = 1e-11;

/** Queries of slopes along m directions at `count` points. */
export const queriesOfSlopes = (count: number, m: number, { error }: Field): number =>
  error <= oneSided ? count * (m + 1) : 2 * count * m;

/**
 * Slopes by central differences, two queries a direction and point, or by one-sided ones. Central ones take a step that
 * suits what it leaves (`truncation`·h²): steep neurons, 22 times a unit in a network trained on MNIST, need shorter ones.
 */
export function collectSlopes(field: Field, random: RandomStream, truncation: number): Slopes {
  const k = field.dimension;
  const directions = orthonormaliseColumns(Array.from({ length: k }, () => normalPoint(k, random, 1)));
  let held: Held[] = [];
  const isOneSided = field.error <= oneSided;
  const step = isOneSided ? 2 * Math.sqrt(field.error) : stepWith(field.error, truncation);
  const way = { step, isOneSided };
  const measure = (chosen: readonly Held[], m: number) => askColumns(field, chosen, directions, m, way);
  return {
    directions,
    async take(count, m) {
      for (let round = 0; round < rounds; round++) {
        while (held.length < count) held.push({ point: drawPoint(field, random, pointSpread), columns: [] });
        const wanted = held.slice(0, count);
        await measure(wanted, m);
        held = held.filter(({ columns }) => !columns.some(hasUnknown));
        if (wanted.every(({ columns }) => !columns.some(hasUnknown))) return wanted;
      }
      return undefined;
    },
    async complete(count) {
      const wanted = held.slice(0, count);
      await measure(wanted, k);
      return wanted.some(({ columns }) => columns.some(hasUnknown)) ? undefined : wanted;
    },
  };
}

/** Asks for the columns up to the m-th that points lack. */
async function askColumns(
  field: Field,
  chosen: readonly Held[],
  directions: readonly Float64Array[],
  m: number,
  { step, isOneSided }: { readonly step: number; readonly isOneSided: boolean },
): Promise<void> {
  const { dimension: k, outputs: o } = field;
  const stencil: Float64Array[] = [];
  for (const { point, columns, here } of chosen) {
    if (isOneSided && columns.length < m && here === undefined) stencil.push(point);
    for (const direction of directions.slice(columns.length, m)) {
      stencil.push(moved(point, direction, step));
      if (!isOneSided) stencil.push(moved(point, direction, -step));
    }
  }
  if (stencil.length === 0) return;
  const points = new Float64Array(stencil.length * k);
  stencil.forEach((point, n) => {
    points.set(point, n * k);
  });
  const answers = await field.evaluate(points, stencil.length);
  let n = 0;
  const next = () => answers.subarray(n * o, ++n * o);
  for (const one of chosen) {
    const missing = Math.max(0, m - one.columns.length);
    if (isOneSided && missing > 0) one.here ??= next();
    for (let i = 0; i < missing; i++) {
      const after = next();
      const before = one.here ?? next();
      const way = isOneSided ? step : 2 * step;
      one.columns.push(after.map((value, output) => (value - before[output]) / way));
    }
  }
}
