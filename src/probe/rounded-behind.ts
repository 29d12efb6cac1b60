import type { Kernels } from '../kernels/kernels.js';
import { activations } from '../network/activations.js';
import { factorCholesky, solveCholesky } from '../numeric/cholesky.js';
import { dot } from '../numeric/dot.js';
import type { KnownLayer } from '../records.js';
import type { Scalar } from './far-field.js';
import { readNeuron } from './profile.js';
import type { RoundedBend } from './rounded-bends.js';

/** Known neurons whose pre-activation is below this in size are not on their far lines. */
const onLine = 15;

/** A bend's normal that known neurons explain but for so many of its errors may be that of a neuron behind them. */
const explained = { errors: 6, least: 1e-3 };

/** Views of one neuron agree within so many of their errors, beside this share. */
const agree = { errors: 5, share: 2e-3 };

/** Two views are compared where their errors leave no more open than this. */
const clear = 0.05;

/** Comparisons that two views must stand to be of one neuron. */
const checks = 2;

/** A neuron must be seen so often. */
const seen = 3;

/** A neuron behind the known layer as one bend shows it, or several together: weights where known neurons are active. */
interface View {
  /** Weights on what the known layer gives; NaN where nothing was seen. */
  readonly weights: Float64Array;
  readonly errors: Float64Array;
  readonly bias: number;
  readonly biasError: number;
  readonly bends: number;
}

/**
 * The neurons behind a known layer, from bends that rounded answers showed anywhere far out. There every known neuron is
 * on one of its lines, so that a bend's normal is a combination of the active ones' vectors: their weights in the neuron
 * that bends. Bends whose weights agree where they see the same neurons are of one neuron, and together show all its
 * weights (method.md §7). Incoming vectors, k × (m+1), bias last, those first that were seen most often; their scale is
 * 1 where it is free, and their signs are open where the activation leaves them so.
 */
export async function readBehind(
  scalar: Scalar,
  known: KnownLayer,
  bends: readonly RoundedBend[],
  kernels: Kernels,
): Promise<Float64Array> {
  const views: View[] = [];
  for (const bend of bends) {
    const view = await viewOf(scalar, known, bend, kernels);
    if (view !== undefined) views.push(view);
  }
  const isScaled = !activations[known.activation].homogeneous;
  const hasSign = activations[known.activation].symmetry === 'none';
  let joined: readonly View[] = [...views].sort((a, b) => sizeOf(b) - sizeOf(a));
  for (;;) {
    const before = joined.length;
    joined = joinAll(joined, (one, other) => join(one, other, isScaled, hasSign));
    if (joined.length === before) break;
  }
  const often = joined.filter((view) => view.bends >= seen && sizeOf(view) > 1);
  return Float64Array.from(
    [...often].sort((a, b) => b.bends - a.bends).flatMap((view) => vectorOf(view, isScaled)),
  );
}

const sizeOf = ({ weights }: View) => weights.filter((weight) => !Number.isNaN(weight)).length;

function vectorOf({ weights, bias }: View, isScaled: boolean): number[] {
  const own = [...weights].map((weight) => (Number.isNaN(weight) ? 0 : weight));
  const length = isScaled ? 1 : Math.hypot(...own);
  return [...own, bias].map((value) => value / length);
}

/** What one bend shows of the neuron that bends there; undefined where it is none behind the known layer, or unclear. */
async function viewOf(
  scalar: Scalar,
  known: KnownLayer,
  bend: RoundedBend,
  kernels: Kernels,
): Promise<View | undefined> {
  const { activation, slope, inputs, incoming } = known;
  const { kink, normal, uncertain } = bend;
  const limits = activations[activation].limits(slope);
  if (limits === null) return undefined;
  const size = inputs + 1;
  const m = incoming.length / size;
  const given = new Float64Array(m);
  const slopes = new Float64Array(m);
  for (let j = 0; j < m; j++) {
    const z = dot(incoming.subarray(j * size, j * size + inputs), kink.at) + incoming[j * size + inputs];
    if (Math.abs(z) < onLine) return undefined;
    const line = z > 0 ? limits.right : limits.left;
    given[j] = line.slope * z + line.constant;
    slopes[j] = line.slope;
  }
  const active = Array.from(slopes.keys()).filter((j) => slopes[j] !== 0);
  const solved = solveActive(known, active, slopes, normal);
  if (solved === undefined) return undefined;
  if (solved.left > explained.least + explained.errors * uncertain.angle) return undefined;
  let scale = 1;
  let shift = 0;
  if (!activations[activation].homogeneous) {
    const neuron = await readNeuron(scalar, bend, kernels, activation);
    if (neuron === undefined) return undefined;
    const weights = neuron.incoming.subarray(0, inputs);
    scale = dot(weights, normal);
    shift = dot(weights, kink.at) + neuron.incoming[inputs];
  }
  const weights = new Float64Array(m).fill(Number.NaN);
  const errors = new Float64Array(m);
  let bias = shift;
  let biasError = Math.abs(scale) * uncertain.place;
  active.forEach((j, i) => {
    weights[j] = scale * solved.weights[i];
    errors[j] = Math.abs(scale) * solved.errors[i] * uncertain.angle + agree.share * Math.abs(weights[j]);
    bias -= weights[j] * given[j];
    biasError += errors[j] * Math.abs(given[j]);
  });
  return { weights, errors, bias, biasError, bends: 1 };
}

/** The weights with which active neurons make up a normal, how far off each is for a normal off by 1, and what is left. */
function solveActive(
  { inputs, incoming }: KnownLayer,
  active: readonly number[],
  slopes: Float64Array,
  normal: Float64Array,
): { weights: Float64Array; errors: Float64Array; left: number } | undefined {
  const k = active.length;
  if (k === 0 || k > inputs) return undefined;
  const rows = active.map((j) =>
    incoming.slice(j * (inputs + 1), j * (inputs + 1) + inputs).map((weight) => weight * slopes[j]),
  );
  const gram = Float64Array.from(rows.flatMap((row) => rows.map((other) => dot(row, other))));
  const factor = factorCholesky(gram, k, 1e-6);
  if (factor === undefined) return undefined;
  const weights = Float64Array.from(rows, (row) => dot(row, normal));
  solveCholesky(factor, k, weights);
  const errors = Float64Array.from(rows, (_, i) => {
    const unit = new Float64Array(k);
    unit[i] = 1;
    solveCholesky(factor, k, unit);
    return Math.sqrt(Math.max(0, unit[i]));
  });
  const rest = normal.slice();
  rows.forEach((row, i) => {
    for (let l = 0; l < inputs; l++) rest[l] -= weights[i] * row[l];
  });
  return { weights, errors, left: Math.hypot(...rest) };
}

/** Joins each view to the first of those before it that it agrees with. */
function joinAll(
  views: readonly View[],
  together: (one: View, other: View) => View | undefined,
): readonly View[] {
  const joined: View[] = [];
  for (const view of views) {
    let at = 0;
    let both: View | undefined;
    for (; at < joined.length && both === undefined; at++) both = together(joined[at], view);
    if (both === undefined) joined.push(view);
    else joined[at - 1] = both;
  }
  return joined;
}

/** Two views as one, where they agree on what both see. */
function join(one: View, other: View, isScaled: boolean, hasSign: boolean): View | undefined {
  const shared = Array.from(one.weights.keys()).filter(
    (j) => !Number.isNaN(one.weights[j]) && !Number.isNaN(other.weights[j]),
  );
  if (shared.length === 0) return undefined;
  const pick = (values: Float64Array) => Float64Array.from(shared, (j) => values[j]);
  const [a, b] = [pick(one.weights), pick(other.weights)];
  const [lengthA, lengthB] = [Math.hypot(...a), Math.hypot(...b)];
  const sign = hasSign ? 1 : Math.sign(dot(a, b)) || 1;
  const factor = sign * (isScaled ? 1 : lengthA / lengthB);
  const open =
    (Math.hypot(...pick(one.errors)) + Math.abs(factor) * Math.hypot(...pick(other.errors))) / lengthA;
  if (!(open < clear)) return undefined;
  const apart = Math.hypot(...a.map((value, i) => value - factor * b[i])) / lengthA;
  if (apart > agree.errors * open) return undefined;
  const biasOpen = one.biasError + Math.abs(factor) * other.biasError;
  const isBiasClear = biasOpen < lengthA / 2;
  if (Math.abs(one.bias - factor * other.bias) > agree.errors * biasOpen) return undefined;
  if (shared.length - (isScaled ? 0 : 1) + (isBiasClear ? 1 : 0) < checks) return undefined;
  return mean(one, other, factor);
}

/** The mean of two views, each weight by its errors, the second one multiplied by a factor. */
function mean(one: View, other: View, factor: number): View {
  const both = (x: number, ex: number, y: number, ey: number): [number, number] => {
    const [p, q] = [1 / ex ** 2, 1 / (factor * ey) ** 2];
    return [(p * x + q * factor * y) / (p + q), 1 / Math.sqrt(p + q)];
  };
  const weights = one.weights.slice();
  const errors = one.errors.slice();
  for (let j = 0; j < weights.length; j++) {
    if (Number.isNaN(other.weights[j])) continue;
    if (Number.isNaN(weights[j])) {
      weights[j] = factor * other.weights[j];
      errors[j] = Math.abs(factor) * other.errors[j];
    } else {
      [weights[j], errors[j]] = both(weights[j], errors[j], other.weights[j], other.errors[j]);
    }
  }
  const [bias, biasError] = both(one.bias, one.biasError, other.bias, other.biasError);
  return { weights, errors, bias, biasError, bends: one.bends + other.bends };
}
