import { type RandomStream, randomStream } from '../base/random.js';
import type { Bounds } from './bounds.js';
import { errorOf, type Placed } from './placing.js';

/** Corners far out: between these sizes every clip has long had its effect, and directions differ widely. */
const far = { from: 2 ** 14, to: 2 ** 20 };

/** In each of so many corners two points are asked: six queries, after which most targets without clips are known. */
const corners = 3;

/** Places along an input on one side: from `nearest` to far, so many times as far every time. */
const walk = { nearest: 2 ** -6, factor: 4 };

/** Halvings of an interval in which answers begin to change: to this share of the range, or so many. */
const halvings = { to: 1e-7, most: 48 };

/** Points from which single inputs are moved: so many, and more while some neuron was off at all of them. */
const bases = { least: 3, most: 8 };

/** Steps into a range, as shares of it, along which answers must move in proportion, and by so many times the rounding. */
const inside = { step: 1e-3, proportion: 0.1, clear: 100 };

/** Points elsewhere at which a clip has to show where it was seen; at so many of them answers must move inside of it. */
const elsewhere = { points: 6, moving: 1 };

/** The range that is proposed lies inside of what was measured by this share of itself at most, and roundings of its ends. */
const margin = { least: 1e-6, most: 1e-5, roundings: 4 };

/** Ranges as far as they are known: from infinity to minus infinity where nothing is. */
interface Seen {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * The ranges of the inputs outside of which a target answers as at their ends, as targets do that clip what they observe
 * (method.md §8); undefined for all others, most of them after six queries. Along every single input the answers bend at
 * the same two places, wherever the other inputs are, and are the same to the last bit beyond them. What saturates, such
 * as tanh, comes to its limits without a bend; and what bends where a sum of inputs is something, such as a clipped
 * neuron, does so elsewhere once the others have moved. Of one input it cannot be told from a clipped neuron.
 */
export async function findClippedInputs(target: Placed): Promise<Bounds | undefined> {
  const { dimension: d, seed, roundoff } = target;
  const random = randomStream(seed, 'clipped inputs');
  if (d < 2 || !(await isConstantInCorners(target, random))) return undefined;
  const seen: Seen = {
    lower: new Float64Array(d).fill(Number.POSITIVE_INFINITY),
    upper: new Float64Array(d).fill(Number.NEGATIVE_INFINITY),
  };
  for (let round = 0; ; round++) {
    if (round === bases.most) return undefined;
    const isBent = await lookAlongInputs(target, seen, round === 0 ? 0.3 : 1, random);
    if (round === 0 && !isBent) return undefined;
    const isComplete = round + 1 >= bases.least && seen.lower.every((low, i) => low < seen.upper[i]);
    if (isComplete && (await areTheSameElsewhere(target, seen, random))) break;
  }
  const insideOf = (i: number, side: -1 | 1) => {
    const end = side < 0 ? seen.lower[i] : seen.upper[i];
    return pullInside(end, side, seen.upper[i] - seen.lower[i], roundoff);
  };
  return {
    lower: seen.lower.map((_, i) => insideOf(i, -1)),
    upper: seen.upper.map((_, i) => insideOf(i, 1)),
  };
}

/** An end of a range of some width, a little inside of it, with no more digits than that needs. */
function pullInside(end: number, side: -1 | 1, width: number, roundoff: number): number {
  const pulled = end - side * (margin.least * width + margin.roundings * roundoff * Math.abs(end));
  const decimals = -Math.floor(Math.log10(margin.most * width));
  const unit = 10 ** decimals;
  const rounded = side < 0 ? Math.ceil(pulled * unit) : Math.floor(pulled * unit);
  return decimals > 0 ? Number((rounded / unit).toFixed(Math.min(100, decimals))) : rounded / unit;
}

/** Whether answers in corners far out are those of the corner, whatever the point. */
async function isConstantInCorners({ dimension: d, ask }: Placed, random: RandomStream): Promise<boolean> {
  const points = new Float64Array(2 * corners * d);
  for (let corner = 0; corner < corners; corner++) {
    for (let i = 0; i < d; i++) {
      const sign = random.uniform() < 0.5 ? -1 : 1;
      for (const place of [0, 1]) {
        const size = far.from * (far.to / far.from) ** random.uniform();
        points[(2 * corner + place) * d + i] = sign * Math.fround(size);
      }
    }
  }
  const answers = await ask(points, 2 * corners);
  return Array.from({ length: corners }, (_, n) => answers[2 * n] === answers[2 * n + 1]).every(Boolean);
}

/** A point in the ranges that are known, or near 0: within a share of them around the middle. */
function drawBase({ lower, upper }: Seen, random: RandomStream, share: number): Float64Array {
  return lower.map((low, i) => {
    const width = upper[i] - low;
    const [middle, half] = width > 0 && width < far.to ? [(low + upper[i]) / 2, width / 2] : [0, 1];
    return Math.fround(middle + share * half * (2 * random.uniform() - 1));
  });
}

/** Places along an input, from far on one side to far on the other. */
const places: readonly number[] = (() => {
  const out: number[] = [];
  for (let t = walk.nearest; t <= far.to; t *= walk.factor) out.push(t);
  return [...out.map((t) => -t).reverse(), 0, ...out];
})();

/** Where answers along one input leave those of its end, on one side: between `same` and `other`. */
interface Edge {
  readonly input: number;
  readonly side: -1 | 1;
  /** The answer far out. */
  readonly end: number;
  same: number;
  other: number;
}

/**
 * Moves every input from one base and widens the ranges that are known by what shows; false where nothing bends as a
 * clip does.
 */
async function lookAlongInputs(
  target: Placed,
  seen: Seen,
  share: number,
  random: RandomStream,
): Promise<boolean> {
  const base = drawBase(seen, random, share);
  const inputs = [...base.keys()];
  const answers = await askAt(
    target,
    base,
    inputs.flatMap((input) => places.map((at) => ({ input, at }))),
  );
  const edges: Edge[] = [];
  const last = places.length - 1;
  for (const input of inputs) {
    const values = answers.subarray(input * places.length, (input + 1) * places.length);
    if (values[0] !== values[1] || values[last] !== values[last - 1]) return false;
    const left = values.findIndex((value) => value !== values[0]);
    if (left < 0) continue;
    const right = values.findLastIndex((value) => value !== values[last]);
    edges.push({ input, side: -1, end: values[0], same: places[left - 1], other: places[left] });
    edges.push({ input, side: 1, end: values[last], same: places[right + 1], other: places[right] });
  }
  for (let turn = 0; turn < halvings.most; turn++) {
    const isOpen = ({ same, other }: Edge, e: number) =>
      Math.abs(same - other) > halvings.to * Math.max(0, widthOf(edges, e));
    const open = edges.filter(isOpen);
    if (open.length === 0) break;
    const middles = open.map(({ input, same, other }) => ({ input, at: (same + other) / 2 }));
    const asked = await askAt(target, base, middles);
    for (const [e, edge] of open.entries()) {
      if (asked[e] === edge.end) edge.same = middles[e].at;
      else edge.other = middles[e].at;
    }
  }
  return takeBends(target, base, edges, seen);
}

/** Width of the range between an edge and that on the other side, which stands beside it. */
const widthOf = (edges: readonly Edge[], e: number): number => edges[e | 1].same - edges[e & ~1].same;

/** Widens ranges by the edges at which answers bend; false where none does. */
async function takeBends(
  target: Placed,
  base: Float64Array,
  edges: readonly Edge[],
  seen: Seen,
): Promise<boolean> {
  const asked = await askAt(
    target,
    base,
    edges.flatMap(({ input, side, same }, e) =>
      [1, 2].map((k) => ({ input, at: same - side * k * inside.step * widthOf(edges, e) })),
    ),
  );
  let isBent = false;
  for (const [e, { input, side, end, same }] of edges.entries()) {
    if (!(widthOf(edges, e) > 0) || !moves(target, end, asked.subarray(2 * e, 2 * e + 2))) continue;
    isBent = true;
    // neurons that are off at this base may bend the answers inside of the range alone
    if (side < 0) seen.lower[input] = Math.min(seen.lower[input], same);
    else seen.upper[input] = Math.max(seen.upper[input], same);
  }
  return isBent;
}

/** Whether answers one and two steps inside differ from that at an end by more than rounding, and in proportion. */
function moves(target: Placed, end: number, [one, two]: ArrayLike<number> & Iterable<number>): boolean {
  const error = errorOf(target, [end, one, two]);
  const [near, farther] = [one - end, two - end];
  return Math.abs(near) > inside.clear * error && Math.abs(farther / near - 2) < 2 * inside.proportion;
}

/** Whether every clip is where it was seen, and nothing changes beyond it, wherever the other inputs are. */
async function areTheSameElsewhere(target: Placed, seen: Seen, random: RandomStream): Promise<boolean> {
  const { lower, upper } = seen;
  const moving = new Float64Array(2 * target.dimension);
  for (let n = 0; n < elsewhere.points; n++) {
    const base = drawBase(seen, random, 1);
    const moved = [...base.keys()].flatMap((input) => {
      const width = upper[input] - lower[input];
      const step = inside.step * width;
      return [-1, 1].flatMap((side) => {
        const end = side < 0 ? lower[input] : upper[input];
        return [far.to, width / 2, 2 * step, -step, -2 * step].map((out) => ({
          input,
          at: end + side * out,
        }));
      });
    });
    const asked = await askAt(target, base, moved);
    for (let e = 0; e < moving.length; e++) {
      const [end, outer, near, ...within] = asked.subarray(5 * e, 5 * e + 5);
      if (outer !== end || near !== end) return false;
      if (moves(target, end, within)) moving[e]++;
    }
  }
  return moving.every((times) => times >= elsewhere.moving);
}

/** One input of a base put elsewhere. */
interface Moved {
  readonly input: number;
  readonly at: number;
}

function askAt(
  { ask, dimension: d }: Placed,
  base: Float64Array,
  moved: readonly Moved[],
): Promise<Float64Array> {
  const points = new Float64Array(moved.length * d);
  for (const [n, { input, at }] of moved.entries()) {
    points.set(base, n * d);
    points[n * d + input] = at;
  }
  return moved.length === 0 ? Promise.resolve(new Float64Array(0)) : ask(points, moved.length);
}
