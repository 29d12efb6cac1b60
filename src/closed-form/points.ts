import type { RandomStream } from '../base/random.js';
import type { Field } from './field.js';

/** Part of the room about a point that is made use of, so that steps about what lies there stay in it too. */
export const inner = 0.8;

/** Spread of the points of the Hessians. */
export const hessianSpread = 1;

/** Whether a head hid an answer that a vector was made of. */
export const hasUnknown = (vector: Float64Array): boolean => vector.some(Number.isNaN);

/** k standard-normal numbers times `spread`. */
export const normalPoint = (k: number, random: RandomStream, spread: number): Float64Array =>
  Float64Array.from({ length: k }, () => spread * random.normal());

/** A random point, shortened where it would leave the room that the target gives. */
export function drawPoint(field: Field, random: RandomStream, spread: number): Float64Array {
  const point = normalPoint(field.dimension, random, spread);
  const room = field.room(new Float64Array(field.dimension), point);
  const factor = Math.min(1, inner * room);
  return point.map((value) => factor * value);
}

/** `point` moved by `distance` along `direction`. */
export const moved = (point: Float64Array, direction: Float64Array, distance: number): Float64Array =>
  point.map((value, i) => value + distance * direction[i]);

/** Answers at places along a line both ways from a point. */
export interface AlongLine {
  /** Distances from the point, evenly spaced. */
  readonly places: Float64Array;
  /** places × o. */
  readonly answers: Float64Array;
}

/**
 * Asks at `count` places along a direction about a point, no further than `reach` and the field's room; undefined where a
 * head hides an answer.
 */
export async function askAlong(
  field: Field,
  centre: Float64Array,
  direction: Float64Array,
  reach: number,
  count: number,
): Promise<AlongLine | undefined> {
  const back = direction.map((value) => -value);
  const room = inner * Math.min(field.room(centre, direction), field.room(centre, back));
  const most = Math.min(reach, room);
  const places = Float64Array.from({ length: count }, (_, i) => most * ((2 * i) / (count - 1) - 1));
  const points = new Float64Array(count * field.dimension);
  places.forEach((t, i) => {
    points.set(moved(centre, direction, t), i * field.dimension);
  });
  const answers = await field.evaluate(points, count);
  return hasUnknown(answers) ? undefined : { places, answers };
}

/** The axes themselves, as k directions. */
export const unitVectors = (k: number): Float64Array[] =>
  Array.from({ length: k }, (_, a) => Float64Array.from({ length: k }, (_, b) => Number(a === b)));

/** Gradients of all outputs at a point, as o rows of k, by central differences with `step`: 2k queries. */
export async function measureGradients(
  field: Field,
  centre: Float64Array,
  step: number,
): Promise<Float64Array[]> {
  const { dimension: k, outputs: o } = field;
  const stencil = new Float64Array(2 * k * k);
  for (let a = 0; a < k; a++) {
    for (const [i, way] of [step, -step].entries()) {
      stencil.set(centre, (2 * a + i) * k);
      stencil[(2 * a + i) * k + a] += way;
    }
  }
  const answers = await field.evaluate(stencil, 2 * k);
  return Array.from({ length: o }, (_, i) =>
    Float64Array.from(
      { length: k },
      (_, a) => (answers[2 * a * o + i] - answers[(2 * a + 1) * o + i]) / (2 * step),
    ),
  );
}

/** The step of central differences: truncation, step², is as large as the error over the step. */
export const gradientStep = (error: number): number => 2 * Math.cbrt(error);

/** The same where what a step h leaves of a slope is known: `truncation`·h², in root mean square. */
export const stepWith = (error: number, truncation: number): number =>
  Math.min(gradientStep(error), Math.cbrt(error / (2 * truncation)));

/** How much the ends of a line lie opposite to each other, as a cosine. */
const across = 0.6;

/** A point that lies more or less opposite to another, at its size: hyperplanes that pass near the origin lie between the two. */
export function opposite(field: Field, from: Float64Array, random: Float64Array): Float64Array {
  const to = random.map((value, a) => Math.sqrt(1 - across ** 2) * value - across * from[a]);
  const room = inner * field.room(new Float64Array(to.length), to);
  return room < 1 ? to.map((value) => room * value) : to;
}
