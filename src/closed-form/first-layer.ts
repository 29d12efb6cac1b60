import { randomStream } from '../base/random.js';
import type { ActivationName } from '../network/activations.js';
import { dot } from '../numeric/dot.js';
import type { Field } from './field.js';
import { drawPoint, inner, normalPoint } from './points.js';
import { type Named, nameActivation, type Profile, profileOf } from './profile.js';
import { dualBasis, findRows, hessianSpread, queriesOfRows, type RowOptions } from './rows.js';
import { stepFor } from './second-differences.js';

/** Spread of the point about which profiles are measured. */
const profileSpread = 0.3;

/** A profile's places: how many, and how far they go both ways. */
const line = { places: 41, reach: 3 };

/** The first layer of a target, in the coordinates of its field. */
export interface FirstLayer {
  /** One row of length 1 a neuron. */
  readonly rows: readonly Float64Array[];
  /** The point about which the neurons' profiles were measured. */
  readonly centre: Float64Array;
  readonly profiles: readonly Profile[];
}

/**
 * The first layer of a target with one hidden layer and no more neurons than dimensions, by second differences
 * (method.md §8): Hessians at several points are combinations of the squares of its rows; the rows are found as what is
 * of rank one in their span; and along the basis that is dual to them one neuron alone changes. Undefined where the
 * target is none: its Hessians are no such combinations, or cost more than `most`.
 */
export async function findFirstLayer(
  field: Field,
  { seed, most }: RowOptions,
): Promise<FirstLayer | undefined> {
  if (queriesOfRows(field) > most) return undefined;
  if (!(await bendsSmoothly(field, seed, stepFor(field.error)))) return undefined;
  const rows = await findRows(field, seed);
  if (rows === undefined) return undefined;
  const centre = drawPoint(field, randomStream(seed, 'closed form', 'profiles'), profileSpread);
  return { rows, centre, profiles: await measureProfiles(field, centre, rows) };
}

/** Lines that are looked at first, and how much two differences along one of them may differ. */
const look = { lines: 12, agreement: 0.3, noise: 30 };

/**
 * Whether second differences say anything: along a few lines they are no noise, and the same for a step twice as long.
 * Piecewise linear targets have none but at their kinks.
 */
async function bendsSmoothly(field: Field, seed: number, step: number): Promise<boolean> {
  const { dimension: k, outputs: o, error } = field;
  const random = randomStream(seed, 'closed form', 'look');
  const multiples = [0, 1, -1, 2, -2];
  const points = new Float64Array(look.lines * multiples.length * k);
  for (let n = 0; n < look.lines; n++) {
    const point = drawPoint(field, random, hessianSpread);
    const direction = normalPoint(k, random, 1);
    multiples.forEach((multiple, i) => {
      for (let a = 0; a < k; a++) {
        points[(n * multiples.length + i) * k + a] =
          point[a] + (multiple * step * direction[a] * Math.SQRT2) / Math.sqrt(k);
      }
    });
  }
  const answers = await field.evaluate(points, look.lines * multiples.length);
  let agreeing = 0;
  for (let n = 0; n < look.lines; n++) {
    let [difference, size] = [0, 0];
    for (let i = 0; i < o; i++) {
      const at = (place: number) => answers[(n * multiples.length + place) * o + i];
      const near = at(1) + at(2) - 2 * at(0);
      const far = (at(3) + at(4) - 2 * at(0)) / 4;
      difference += (near - far) ** 2;
      size += near ** 2;
    }
    const isNoise = size <= o * (look.noise * error) ** 2;
    if (!isNoise && difference <= look.agreement ** 2 * size) agreeing++;
  }
  return agreeing > look.lines / 2;
}

/** The profile of every neuron, along the dual basis about a point. */
async function measureProfiles(
  field: Field,
  centre: Float64Array,
  rows: readonly Float64Array[],
): Promise<Profile[]> {
  const k = field.dimension;
  const profiles: Profile[] = [];
  for (const direction of dualBasis(rows)) {
    const back = direction.map((value) => -value);
    const reach = Math.min(
      line.reach,
      inner * Math.min(field.room(centre, direction), field.room(centre, back)),
    );
    const places = Float64Array.from(
      { length: line.places },
      (_, i) => reach * ((2 * i) / (line.places - 1) - 1),
    );
    const points = new Float64Array(line.places * k);
    places.forEach((t, i) => {
      for (let a = 0; a < k; a++) points[i * k + a] = centre[a] + t * direction[a];
    });
    profiles.push(profileOf(places, await field.evaluate(points, line.places)));
  }
  return profiles;
}

/** An activation that a first layer may have, with incoming vectors (m × (k + 1), bias last) in the field's coordinates. */
export interface NamedLayer extends Pick<Named, 'activation' | 'misfit'> {
  readonly incoming: Float64Array;
}

/** The activations in the order in which they explain a layer's profiles, and the layer with each. */
export function nameLayer(
  { rows, centre, profiles }: FirstLayer,
  candidates: readonly ActivationName[],
): NamedLayer[] {
  const k = centre.length;
  return nameActivation(profiles, candidates).map(({ activation, misfit, fits }) => {
    const incoming = new Float64Array(rows.length * (k + 1));
    rows.forEach((row, j) => {
      const { scale, bias } = fits[j];
      for (let a = 0; a < k; a++) incoming[j * (k + 1) + a] = scale * row[a];
      incoming[j * (k + 1) + k] = bias - scale * dot(row, centre);
    });
    return { activation, misfit, incoming };
  });
}
