import { randomStream } from '../base/random.js';
import type { ActivationName } from '../network/activations.js';
import { dot } from '../numeric/dot.js';
import type { Field } from './field.js';
import { collectHessians, isAffordable, pointsFor } from './hessians.js';
import { type Bending, howItBends } from './look.js';
import { askAlong, drawPoint } from './points.js';
import { fitProfile, type Profile, profileOf } from './profile.js';
import { dualBasis, findRows } from './rows.js';

/** Spread of the point about which profiles are measured. */
const profileSpread = 0.3;

/**
 * A profile's places: how many, and how far they go both ways; farther where what it has beside a line is smaller than
 * `flat`, as of a neuron that hardly bends near by.
 */
const line = { places: 25, reach: 3, farther: 9, flat: 1e-3 };

/** The first layer of a target, in the coordinates of its field. */
export interface FirstLayer {
  /** One row of length 1 a neuron. */
  readonly rows: readonly Float64Array[];
  /** The point about which the neurons' profiles were measured. */
  readonly centre: Float64Array;
  readonly profiles: readonly Profile[];
  /** Whether no other try follows. */
  readonly isLast: boolean;
}

/** Tries at the rows: points of Hessians and what makes a row certain, as multiples of what usually does. */
const tries = [
  { points: 1, certain: 1 },
  { points: 1.5, certain: 0.4 },
  { points: 2, certain: 0.4 },
];

/**
 * Part of a certain row's square that lies outside of the Hessians' span, at most; differences one way leave 1e-6. With answers of float32 (5e-3) rows
 * of networks trained on MNIST with more outside led to students that stalled.
 */
const certainWith = (error: number) => Math.min(1e-2, Math.max(3e-5, 20 * Math.sqrt(error)));

/**
 * First layers of a target with one hidden layer and as many neurons as dimensions, by second differences (method.md
 * §8), one try after another: Hessians at several points are combinations of the squares of its rows; the rows are
 * found as what is of rank one in their span; and along the basis that is dual to them one neuron alone changes. None
 * where the target is no such network, which takes the Hessians of one point where answers are accurate, or where they
 * would cost too much. `bending` is what a look told, where there was one.
 */
export async function* findFirstLayers(
  field: Field,
  seed: number,
  bending?: Bending,
): AsyncGenerator<FirstLayer> {
  if (!isAffordable(field) || (bending ?? (await howItBends(field, seed))).kind !== 'smoothly') return;
  const hessians = collectHessians(field, randomStream(seed, 'closed form', 'hessians'));
  for (const [index, { points, certain }] of tries.entries()) {
    const slices = await hessians.take(Math.ceil(points * pointsFor(field)));
    if (slices === undefined) return;
    const random = randomStream(seed, 'closed form', 'rows', index);
    const found = await findRows(field, slices, { certain: certain * certainWith(field.error), random });
    if (!('rows' in found)) {
      if (found.certain <= field.dimension / 2) return;
      continue;
    }
    const { rows } = found;
    const centre = drawPoint(field, random, profileSpread);
    const profiles = await measureProfiles(field, centre, rows);
    if (profiles !== undefined) yield { rows, centre, profiles, isLast: index === tries.length - 1 };
  }
}

/** The profile of every neuron, along the dual basis about a point. */
async function measureProfiles(
  field: Field,
  centre: Float64Array,
  rows: readonly Float64Array[],
): Promise<Profile[] | undefined> {
  const profiles: Profile[] = [];
  for (const direction of dualBasis(rows)) {
    let profile = await measureProfile(field, centre, direction, line.reach);
    const size = profile && Math.sqrt(dot(profile.values, profile.values) / line.places);
    if (size !== undefined && size < line.flat) {
      profile = await measureProfile(field, centre, direction, line.farther);
    }
    if (profile === undefined) return undefined;
    profiles.push(profile);
  }
  return profiles;
}

/** The profile along a direction, as far as `reach` and the field's room; undefined where a head hides an answer. */
async function measureProfile(
  field: Field,
  centre: Float64Array,
  direction: Float64Array,
  reach: number,
): Promise<Profile | undefined> {
  const asked = await askAlong(field, centre, direction, reach, line.places);
  return asked && profileOf(asked.places, asked.answers);
}

/** Incoming vectors (m × (k + 1), bias last) of a layer in the field's coordinates, were its activation this one. */
export function incomingWith(
  { rows, centre, profiles }: FirstLayer,
  activation: ActivationName,
): Float64Array {
  const k = centre.length;
  const incoming = new Float64Array(rows.length * (k + 1));
  rows.forEach((row, j) => {
    const { scale, bias } = fitProfile(profiles[j], activation);
    for (let a = 0; a < k; a++) incoming[j * (k + 1) + a] = scale * row[a];
    incoming[j * (k + 1) + k] = bias - scale * dot(row, centre);
  });
  return incoming;
}
