import { dot } from '../numeric/dot.js';
import { along, gradientAt, type Scalar, valuesAt, type Walk } from './far-field.js';

/** A neuron of the first layer of a bounded target as a step of the far field shows it. */
export interface Step {
  /**
   * Incoming vectors (d+1) that a tanh or an erf would have, by their tails. The bias is a guess: the step is the neuron's graph
   * seen through all that comes after it, and shifts of a tanh cannot be told from that.
   */
  readonly incoming: Readonly<Record<'exponential' | 'gaussian', Float64Array>>;
  /** By how much the tails quicken: 1 for the exponential tails of tanh, more for the Gaussian ones of erf. */
  readonly quickening: number;
  /** Width of the step along its normal. */
  readonly width: number;
}

/** Rounds of bisection; the first takes the walk's cell, the last less than any step's width. */
const bisections = 60;

/** A point on a step differs from the level on either side by at least this share of its height. */
const inside = 0.15;

/**
 * The steps of a walk: a bounded target is constant far out but where a neuron of the first layer turns from one
 * limit to the other. Steps at `isExpected` positions are left out.
 */
export async function stepsOf(
  scalar: Scalar,
  walked: Walk,
  isExpected: (t: number) => boolean,
): Promise<Step[]> {
  const { cell, values, noise } = walked;
  const differs = (i: number) => Math.abs(values[i + 1] - values[i]) > noise;
  const steps: Step[] = [];
  for (let i = 1; i < values.length - 2; i++) {
    if (!differs(i) || differs(i - 1) || differs(i + 1) || isExpected((i + 0.5) * cell)) continue;
    const step = await inspectStep(scalar, walked, i);
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

async function inspectStep(scalar: Scalar, walked: Walk, cellIndex: number): Promise<Step | undefined> {
  const { from, direction, cell, values } = walked;
  const [low, high] = [values[cellIndex], values[cellIndex + 1]];
  const height = Math.abs(high - low);
  let left = cellIndex * cell;
  let right = left + cell;
  for (let round = 0; round < bisections; round++) {
    const middle = (left + right) / 2;
    const at = along(from, direction, middle);
    const [value] = await valuesAt(scalar, [at]);
    const fromLow = Math.abs(value - low);
    const fromHigh = Math.abs(value - high);
    if (Math.min(fromLow, fromHigh) > inside * height) {
      return describeStep(scalar, at, direction, low, high);
    }
    if (fromLow < fromHigh) left = middle;
    else right = middle;
  }
  return undefined;
}

/** Distances at which the approach to the levels is measured, each side: a sixth of an octave apart. */
const distances = Array.from({ length: 80 }, (_, i) => 2 ** (i / 6 - 5));

async function describeStep(
  scalar: Scalar,
  at: Float64Array,
  direction: Float64Array,
  low: number,
  high: number,
): Promise<Step | undefined> {
  const values = await valuesAt(
    scalar,
    distances.flatMap((s) => [along(at, direction, s), along(at, direction, -s)]),
  );
  const height = Math.abs(high - low);
  const tails = [high, low].map((level, side) =>
    readTail(distances.map((s, i) => ({ s, rest: Math.abs(values[2 * i + side] - level) / height }))),
  );
  if (tails[0] === undefined || tails[1] === undefined) return undefined;
  const mean = (pick: (tail: Tail) => number) => (pick(tails[0]!) + pick(tails[1]!)) / 2;
  const exponential = mean((tail) => tail.late) / 2;
  const gaussian = Math.sqrt(Math.max(mean((tail) => tail.quickening) / 2, 0));
  if (!(exponential > 0)) return undefined;
  const gradient = await gradientAt(scalar, at, 1e-3 / exponential);
  const norm = Math.sqrt(dot(gradient, gradient));
  const slant = dot(gradient, direction);
  const vector = (steepness: number) => {
    const weights = gradient.map((value) => (value * steepness) / slant);
    return Float64Array.of(...weights, -dot(weights, at));
  };
  return {
    incoming: { exponential: vector(exponential), gaussian: vector(gaussian) },
    quickening: mean((tail) => tail.late / tail.early),
    width: (4 * Math.abs(slant)) / (norm * exponential),
  };
}

/** How the approach to a level goes: exp(−2κs) has the same rate everywhere, exp(−(κs + δ)²) quickens by 2κ². */
interface Tail {
  readonly early: number;
  readonly late: number;
  readonly quickening: number;
}

/** The rates between the first, a middle and the last point that are neither step nor rounding. */
function readTail(points: readonly { readonly s: number; readonly rest: number }[]): Tail | undefined {
  const tail = points.filter(({ rest }) => rest < 2e-3 && rest > 1e-10);
  if (tail.length < 3) return undefined;
  const [a, b, c] = [tail[0], tail[tail.length >> 1], tail[tail.length - 1]];
  const early = Math.log(a.rest / b.rest) / (b.s - a.s);
  const late = Math.log(b.rest / c.rest) / (c.s - b.s);
  return { early, late, quickening: (late - early) / ((c.s - a.s) / 2) };
}
