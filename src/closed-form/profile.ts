import { type ActivationName, activations } from '../network/activations.js';
import { dot } from '../numeric/dot.js';
import { orthonormaliseColumns, projectOut } from '../numeric/orthogonal.js';
import { spanOf } from '../numeric/span.js';

/**
 * How the answers change along a line on which one neuron alone changes: its share of them, up to a line. Or how one
 * neuron's slopes change with the place along its row, up to a constant.
 */
export interface Profile {
  /** Distances along the line. */
  readonly places: Float64Array;
  /** What σ(scale·t + bias) leaves of itself there beside a line, times any factor; of slopes σ′ beside any constant. */
  readonly values: Float64Array;
  /** Whether these are slopes. */
  readonly areSlopes?: boolean;
}

/** σ(scale·t + bias) beside a line: what explains a profile best. */
export interface ProfileFit {
  readonly scale: number;
  readonly bias: number;
  /** What is left of the profile, as part of it, in squares. */
  readonly residual: number;
}

/**
 * Scales and biases that a fit begins with, and how many of the best of them go on. The sign of a row is arbitrary. Neurons
 * of g 784-64-10 trained on MNIST have scales of 8 to 32 along axes: five of 64 ended in other minima when 5.6 was the
 * largest to begin with. The biases reach so many scales, and no less than `least`, so that a step may be anywhere.
 * Of more places than `places` some are looked at to begin with.
 */
const starts = {
  scales: Array.from({ length: 17 }, (_, i) => 0.18 * 2 ** (i / 2)).flatMap((scale) => [scale, -scale]),
  biases: { step: 0.5, wider: 1, least: 5, scales: 1.5 },
  places: 41,
  best: 6,
};

/** The biases that a scale is tried with. */
function biasesFor(scale: number): number[] {
  const { step: narrow, wider, least, scales } = starts.biases;
  const reach = Math.max(least, scales * Math.abs(scale));
  const step = reach > least ? wider : narrow;
  const most = Math.round(reach / step);
  return Array.from({ length: 2 * most + 1 }, (_, i) => (i - most) * step);
}

/** Gauss–Newton steps of a fit, and the change of the residual that ends it. */
const descent = { most: 40, settled: 1e-6, derivative: 1e-6 };

/**
 * The profile of answers (places × o) along a line: a line less in every output, then what the outputs have in common.
 * The line is what an even + linear neuron leaves open, and what other neurons add to it where they change a little.
 */
export function profileOf(places: Float64Array, answers: Float64Array): Profile {
  const o = answers.length / places.length;
  const lines = linesAlong(places);
  const columns = Array.from({ length: o }, (_, k) => {
    const column = Float64Array.from(places, (_, i) => answers[i * o + k]);
    projectOut(lines, column);
    return column;
  });
  const { values, directions } = spanOf(columns);
  const [first] = directions;
  return {
    places,
    values: first ? first.map((value) => value * values[0]) : new Float64Array(places.length),
  };
}

/** The best fit of an activation to a profile. */
export function fitProfile(profile: Profile, activation: ActivationName): ProfileFit {
  const square = dot(profile.values, profile.values);
  const leftBy = leavingBy(profile, activation);
  const roughly = leavingBy(thinned(profile), activation);
  const { symmetry } = activations[activation];
  // mirrored neurons of the others are the same beside a line
  const scales = symmetry === 'none' ? starts.scales : starts.scales.filter((scale) => scale > 0);
  const tried = scales.flatMap((scale) =>
    biasesFor(scale).map((bias) => {
      const left = roughly(scale, bias);
      return { scale, bias, sum: dot(left, left) };
    }),
  );
  tried.sort((a, b) => a.sum - b.sum);
  let best: Place | undefined;
  for (const { scale, bias } of tried.slice(0, starts.best)) {
    const left = leftBy(scale, bias);
    const end = descend(leftBy, { scale, bias, sum: dot(left, left) });
    if (best === undefined || end.sum < best.sum) best = end;
  }
  const { scale, bias, sum } = best!;
  return { scale, bias, residual: square > 0 ? sum / square : 1 };
}

/** Some of a profile's places, evenly among all. */
function thinned({ places, values, areSlopes }: Profile): Profile {
  const every = Math.ceil(places.length / starts.places);
  const kept = (all: Float64Array) => all.filter((_, i) => i % every === 0);
  return { places: kept(places), values: kept(values), ...(areSlopes && { areSlopes }) };
}

/** What an activation with a scale and a bias leaves of a profile, place by place. */
function leavingBy({ places, values, areSlopes }: Profile, activation: ActivationName) {
  const lines = areSlopes ? constantsOver(places) : linesAlong(places);
  const value = activations[activation][areSlopes ? 'derivative' : 'value'];
  const own = values.slice();
  projectOut(lines, own);
  const shapeOf = (scale: number, bias: number) => {
    const shape = places.map((t) => value(scale * t + bias, 0));
    projectOut(lines, shape);
    const length = Math.sqrt(dot(shape, shape));
    return length > 1e-9 ? shape.map((y) => y / length) : shape.fill(0);
  };
  return (scale: number, bias: number) => {
    const shape = shapeOf(scale, bias);
    const along = dot(shape, own);
    return own.map((y, i) => y - along * shape[i]);
  };
}

interface Place {
  readonly scale: number;
  readonly bias: number;
  readonly sum: number;
}

/** Damped Gauss–Newton on scale and bias. */
function descend(leftBy: (scale: number, bias: number) => Float64Array, start: Place): Place {
  let place = start;
  let damping = 1e-3;
  for (let iteration = 0; iteration < descent.most; iteration++) {
    const { scale, bias } = place;
    const left = leftBy(scale, bias);
    const h = descent.derivative;
    const slopeOf = (ds: number, db: number) => {
      const after = leftBy(scale + ds, bias + db);
      const before = leftBy(scale - ds, bias - db);
      return after.map((y, i) => (y - before[i]) / (2 * h));
    };
    const along = [slopeOf(h, 0), slopeOf(0, h)] as const;
    const next = dampedStep(along, left, damping);
    const moved = leftBy(scale + next[0], bias + next[1]);
    const sum = dot(moved, moved);
    if (sum < place.sum) {
      const isSettled = sum > (1 - descent.settled) * place.sum;
      place = { scale: scale + next[0], bias: bias + next[1], sum };
      damping /= 5;
      if (isSettled) break;
    } else {
      damping *= 8;
      if (damping > 1e6) break;
    }
  }
  return place;
}

/** −(JᵀJ + damping)⁻¹Jᵀr for two columns. */
function dampedStep(
  [u, v]: readonly [Float64Array, Float64Array],
  left: Float64Array,
  damping: number,
): readonly [number, number] {
  const uu = dot(u, u) * (1 + damping) + Number.MIN_VALUE;
  const vv = dot(v, v) * (1 + damping) + Number.MIN_VALUE;
  const uv = dot(u, v);
  const determinant = uu * vv - uv * uv;
  if (!(determinant > 0)) return [0, 0];
  const [ul, vl] = [dot(u, left), dot(v, left)];
  return [-(vv * ul - uv * vl) / determinant, -(uu * vl - uv * ul) / determinant];
}

/** An orthonormal basis of the lines over places. */
const linesAlong = (places: Float64Array) => orthonormaliseColumns([places.map(() => 1), places]);

const constantsOver = (places: Float64Array) => orthonormaliseColumns([places.map(() => 1)]);

/** An activation that may be that of all neurons of a layer. */
export interface Named {
  readonly activation: ActivationName;
  /** Mean of the logarithm of what is left, over the neurons that show the most. */
  readonly misfit: number;
}

/** Below this part nothing more is told by what is left of a profile. */
const exact = 1e-16;

/** So many neurons tell the activation: those whose profiles are the largest. */
const telling = 8;

/** The activations in the order in which they explain the profiles of a layer's neurons. */
export function nameActivation(profiles: readonly Profile[], candidates: readonly ActivationName[]): Named[] {
  const largest = [...profiles]
    .sort((a, b) => dot(b.values, b.values) - dot(a.values, a.values))
    .slice(0, telling);
  return candidates
    .map((activation) => {
      const sum = largest.reduce(
        (total, profile) => total + Math.log(fitProfile(profile, activation).residual + exact),
        0,
      );
      return { activation, misfit: sum / largest.length };
    })
    .sort((a, b) => a.misfit - b.misfit);
}
