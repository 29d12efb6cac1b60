import { randomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import type { KnownLayer } from '../records.js';
import { cellAt, featuresAt } from './cells.js';
import { crossRounded } from './cross-rounded.js';
import { along, type Scalar, valuesAt, wholeSpace } from './far-field.js';
import { type Following, openFollowBudget } from './follow-budget.js';
import { gatherPlaces, type Patience } from './gather-places.js';
import { orientTraced, type SignErrors } from './orient-traced.js';
import { type Place, placeOf, type TraceContext } from './place.js';
import type { RoundedBend } from './rounded-bends.js';
import { type Surface, solveSurface } from './surface.js';
import { drawPlace, type SurveyContext } from './survey.js';

/** A neuron behind known layers, as its surface shows it. */
export interface FollowedNeuron {
  readonly surface: Surface;
  readonly places: readonly Place[];
}

/** What surfaces behind known layers show. */
export interface FollowedLayer {
  /** The known layers, the last with its neurons' signs where they came out. */
  readonly known: readonly KnownLayer[];
  /** Incoming vectors over what the last known layer gives, k × (features + 1), of length 1. */
  readonly incoming: Float64Array;
  readonly neurons: readonly FollowedNeuron[];
  /** What following them asked. */
  readonly following: Following;
  /** Those that no neuron explains: of deeper ones, or of neurons that were not found. */
  readonly left: readonly RoundedBend[];
}

/** A neuron is one where so many places of its surface were met. */
const leastPlaces = 6;

/** Normals of one surface agree with one neuron's weights to this: float32 answers show them to 1e-6 to 1e-4. */
const largestMisfit = 5e-4;

/** When a surface is followed no further. */
const patience = {
  firstMisfit: largestMisfit,
  misfit: largestMisfit,
  // ways out of the first cell that all fail are those of a bend that is no surface
  failures: (places: number) => (places === 1 ? 25 : 50),
  misfits: () => 4,
  vain: 30,
};

/** Every so many places it is looked whether they are those of a neuron that was found before, by so many weights. */
const comparison = { every: 4, weights: 3 };

/** A bend is a neuron's where its surface passes so near, relative to the distance from the origin, at so small an angle. */
const same = { place: 1e-4, angle: 5e-3 };

/**
 * Signs are told where their coefficients, of ½ each, agree to this: of a trained 6-9-7-1 those of surfaces with open
 * weights came out between 0.46 and 0.61. Of a trained leaky ReLU 6-7-5-1 two surfaces were whole but for a weight, whose
 * ten equations for seven signs gave 0.510 to 0.512; without the signs no other was followed. Of another, surfaces had two
 * or three of seven weights open.
 */
const errors: SignErrors = { sameSize: 0.5, smallestSlope: 1e-3, slopeErrors: 6, spare: 3, mostOpen: 0.5 };

/**
 * The neurons behind known layers of sharp bends, from bends that rounded answers showed: the surface of each is followed
 * from cell to cell of the known layers, as those of exact answers are (docs/method.md §7). What is found is as accurate
 * as the answers allow, and is where descents begin.
 */
export async function followRounded(
  scalar: Scalar,
  layers: readonly KnownLayer[],
  bends: readonly RoundedBend[],
  labels: readonly (string | number)[],
): Promise<FollowedLayer> {
  const random = randomStream(...labels);
  const farthest = 3 * bends.reduce((far, { kink }) => Math.max(far, Math.hypot(...kink.at)), 0);
  const reach = Math.min(farthest, scalar.reach ?? farthest);
  const budget = openFollowBudget(scalar);
  let known = layers;
  let found: readonly FollowedNeuron[] = [];
  const sharp = clearestFirst(bends);
  for (const bend of sharp) {
    if (budget.isSpent()) break;
    if (found.some(({ surface }) => passesThrough(known, surface, bend))) continue;
    const context = { scalar: budget.scalar, layers: known, reach, random };
    const neuron = await followSurface(placeOf(known, bend), found, context);
    const isFound = neuron !== undefined && isNew(found, neuron.surface);
    budget.take(isFound);
    if (!isFound) continue;
    found = [...found, neuron];
    const turned = await turn(known, found);
    if (turned !== undefined) ({ known, found } = turned);
  }
  const neurons: FollowedNeuron[] = [];
  for (const neuron of found) {
    if (
      await isSeen(neuron.surface, { scalar, known, region: wholeSpace(scalar.dimension, reach / 3), random })
    )
      neurons.push(neuron);
  }
  const left = sharp.filter((bend) => !neurons.some(({ surface }) => passesThrough(known, surface, bend)));
  const incoming = Float64Array.from(neurons.flatMap(({ surface }) => [...ofLengthOne(surface.incoming)]));
  return { known, incoming, neurons, following: budget.spent(), left };
}

/** Bends whose normals are known best first; those that are round are two that stand together. */
const clearestFirst = (bends: readonly RoundedBend[]) =>
  bends.filter(({ width }) => width === 0).sort((a, b) => a.uncertain.angle - b.uncertain.angle);

/** Follows a surface from a place, until all weights of its neuron are determined or no crossing tells more. */
async function followSurface(
  start: Place,
  found: readonly FollowedNeuron[],
  context: TraceContext,
): Promise<FollowedNeuron | undefined> {
  const isEnough: Patience['isEnough'] = (places, determined, incoming) =>
    places >= leastPlaces &&
    (determined.every(Boolean) ||
      (places % comparison.every === 0 && !isNew(found, { incoming, determined }, comparison.weights)));
  const follow = {
    ...context,
    cross: (from: Place, isOpen: (neuron: number) => boolean) => crossRounded(from, isOpen, context),
  };
  const places = await gatherPlaces(start, follow, { ...patience, isEnough });
  if (places === undefined || places.length < leastPlaces) return undefined;
  return { surface: await solveSurface(context.layers, places), places };
}

/** Points of a surface that are looked at, how many must have had room for a look, and at which share of them something must bend. */
const look = { points: 24, draws: 240, least: 6, share: 0.5 };

/** Steps across a surface relative to the distance from the origin at most, and roundings that a bend must stand out by. */
const across = { step: 0.02, roundings: 40, inProportion: 0.2 };

/**
 * Whether the target bends on most of a neuron's surface: a deeper neuron does along one that turns only at known neurons
 * where those between stay on one side.
 */
async function isSeen(
  { incoming }: Surface,
  context: Pick<SurveyContext, 'scalar' | 'known' | 'region' | 'random'>,
): Promise<boolean> {
  const { scalar } = context;
  const suspect = { before: context.known, incoming, meeting: 0 };
  const points: Float64Array[] = [];
  for (let draw = 0; draw < look.draws && points.length < 5 * look.points; draw++) {
    const place = drawPlace(suspect, context);
    if (place === undefined) continue;
    const { point, gradient, room } = place;
    const most = across.step * Math.hypot(...point);
    if (room < most / 4) continue;
    const step = Math.min(most, room / 2) / Math.hypot(...gradient);
    for (const share of [0, -1, 1, -0.5, 0.5]) points.push(along(point, gradient, share * step));
  }
  const values = await valuesAt(scalar, points);
  let bends = 0;
  for (let at = 0; at < values.length; at += 5) {
    const [here, ...sides] = values.subarray(at, at + 5);
    const whole = sides[0] + sides[1] - 2 * here;
    const half = sides[2] + sides[3] - 2 * here;
    const isClear = Math.abs(whole) > across.roundings * scalar.roundoff * Math.abs(here);
    if (isClear && Math.abs(2 * half - whole) < across.inProportion * Math.abs(whole)) bends++;
  }
  const asked = points.length / 5;
  return asked >= look.least && bends >= look.share * asked;
}

const count = (values: readonly boolean[]) => values.filter(Boolean).length;

/** Whether a bend lies on a neuron's surface, and along it. */
function passesThrough(
  layers: readonly KnownLayer[],
  { incoming, determined }: Surface,
  { kink, normal }: RoundedBend,
): boolean {
  const { features } = cellAt(layers, kink.at);
  const seen = new Float64Array(normal.length);
  features.forEach((feature, k) => {
    for (let i = 0; i < seen.length; i++) seen[i] += incoming[k] * feature[i];
  });
  const length = Math.hypot(...seen);
  if (!(length > 0)) return false;
  const cosine = Math.abs(dot(seen, normal)) / length;
  const values = featuresAt(layers, kink.at);
  const away = Math.abs(dot(values, incoming) + incoming[values.length]) / length;
  const isWhole = determined.every(Boolean);
  const slack = isWhole ? 1 : 3;
  return away <= slack * same.place * Math.hypot(...kink.at) && cosine >= 1 - (slack * same.angle) ** 2 / 2;
}

/** Weights that differ by no more than this share, where both are determined, are those of one neuron. */
const sameWeights = 5e-3;

/** Whether none of the neurons has these weights, compared by so many of them at least. */
function isNew(
  found: readonly FollowedNeuron[],
  surface: Pick<Surface, 'incoming' | 'determined'>,
  least = 2,
): boolean {
  return found.every(({ surface: other }) => {
    const both = surface.determined.map((isKnown, k) => isKnown && other.determined[k]);
    const [u, v] = [surface, other].map(({ incoming }) =>
      ofLengthOne(Float64Array.from(both, (isKnown, k) => (isKnown ? incoming[k] : 0))),
    );
    return count(both) < least || 1 - Math.abs(dot(u, v)) > sameWeights ** 2 / 2;
  });
}

function ofLengthOne(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((value) => value / length) : vector;
}

/** The known layers with the last one's signs, where the neurons behind it tell them, and those neurons again. */
async function turn(
  known: readonly KnownLayer[],
  found: readonly FollowedNeuron[],
): Promise<{ known: readonly KnownLayer[]; found: readonly FollowedNeuron[] } | undefined> {
  const last = known[known.length - 1];
  if (last.oriented) return undefined;
  const isSlopeOpen = known.length === 1 && last.activation === 'relu';
  const turned = orientTraced(last, found, isSlopeOpen, errors);
  if (turned === undefined) return undefined;
  const layers = [...known.slice(0, -1), turned];
  const again: FollowedNeuron[] = [];
  for (const neuron of found) again.push({ ...neuron, surface: await solveSurface(layers, neuron.places) });
  return { known: layers, found: again };
}
