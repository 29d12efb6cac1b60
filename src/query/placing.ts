import { randomStream } from '../base/random.js';
import type { Frame } from '../network/frame.js';

/** Asks for one number a point: `points` is count × d, in the target's own inputs. */
export type AskScalar = (points: Float64Array, count: number) => Promise<Float64Array>;

/** What placing needs of a target: one number a query, and what rounding leaves of it. */
export interface Placed {
  readonly dimension: number;
  readonly ask: AskScalar;
  /** Relative to its size, and whatever that is. */
  readonly roundoff: number;
  readonly step: number;
  readonly seed: number;
}

/** A place on a line where the answers bend or step: its point (d, coordinates of a frame), and the width of the change. */
export interface Feature {
  readonly point: Float64Array;
  readonly direction: Float64Array;
  readonly width: number;
  /** Whether the change is smooth over that width; else it is as sharp as was looked. */
  readonly isSmooth: boolean;
  /** Half of the distance to the next points of the line that were asked. */
  readonly room: number;
}

/** Lines, and points on each side of every one, from `nearest` to `farthest` in coordinates of the frame. */
const lines = { least: 8, anInput: 0.75, perDecade: 3, nearest: 0.03, farthest: 1e5 };

/** Features kept of all lines, and how often their intervals are halved at most. */
const features = { least: 16, anInput: 1.5, halvings: 40, resolution: 1e-3 };

/** A change counts where it exceeds what rounding explains so many times. */
const significant = 30;

/** A second difference that falls so much as the interval is halved is that of a smooth curve, which gives a quarter. */
const smooth = 0.35;

/** An interval of a line, by the place of its middle and half of its length. */
interface Interval {
  readonly start: Float64Array;
  readonly direction: Float64Array;
  at: number;
  half: number;
}

/** One in which the slope changes, with the answer in its middle. */
interface FoundPlace extends Interval {
  readonly room: number;
  readonly middle: number;
}

interface Bracket extends Interval {
  readonly room: number;
  /** Answers at its ends and in its middle. */
  values: [number, number, number];
  isDone: boolean;
  isSmooth: boolean;
}

/** About what a round of placing asks: lines, halvings of half as often as they may be, and gradients around every feature. */
export function queriesOfRound(d: number): number {
  const drawn = Math.max(lines.least, Math.ceil(lines.anInput * d));
  const kept = Math.ceil(features.least + features.anInput * d);
  return drawn * placesOnLine().length + kept * features.halvings + 3 * kept * (d + 1);
}

/** Places where the answers bend or step, along random lines through the middle of a frame, near and far. */
export async function findFeatures(target: Placed, frame: Frame, round: number): Promise<Feature[]> {
  const found = await bracketFeatures(target, frame, round);
  const ends = await askBeside(found, 1, target, frame);
  const brackets = found.map(({ middle, ...place }, b): Bracket => {
    const values: Bracket['values'] = [ends[2 * b], middle, ends[2 * b + 1]];
    return { ...place, values, isDone: false, isSmooth: false };
  });
  for (let turn = 0; turn < features.halvings; turn++) {
    const going = brackets.filter(({ isDone }) => !isDone);
    if (going.length === 0) break;
    await halve(going, target, frame);
  }
  return brackets.map(({ start, direction, at, half, room, isSmooth }) => ({
    point: start.map((u, i) => u + at * direction[i]),
    direction,
    width: half,
    isSmooth,
    room,
  }));
}

/** Three points beside each other with the largest changes of slope, of each line. */
async function bracketFeatures(target: Placed, frame: Frame, round: number): Promise<FoundPlace[]> {
  const { dimension: d, seed } = target;
  const random = randomStream(seed, 'placing', round);
  const places = placesOnLine();
  const drawn = Array.from({ length: Math.max(lines.least, Math.ceil(lines.anInput * d)) }, () => {
    const start = Float64Array.from({ length: d }, () => 0.1 * random.normal());
    const towards = Float64Array.from({ length: d }, () => random.normal());
    const norm = Math.hypot(...towards);
    return { start, direction: towards.map((v) => v / norm) };
  });
  const points = drawn.flatMap(({ start, direction }) =>
    places.map((t) => start.map((u, i) => u + t * direction[i])),
  );
  const answers = await askIn(target, frame, points);
  const most = Math.ceil((features.least + features.anInput * d) / drawn.length);
  return drawn.flatMap(({ start, direction }, line) => {
    const values = answers.subarray(line * places.length, (line + 1) * places.length);
    return largestChanges(places, values, target, most).map((j) => {
      const gaps = [places[j + 1] - places[j], places[j] - places[j - 1]];
      // the middle of the wider gap would be missed by the narrower: both ends are asked again
      const [room, half] = [Math.min(...gaps) / 2, Math.max(...gaps)];
      return { start, direction, room, at: places[j], half, middle: values[j] };
    });
  });
}

/** Points along a line, in order. */
function placesOnLine(): number[] {
  const decades = Math.log10(lines.farthest / lines.nearest);
  const count = Math.ceil(decades * lines.perDecade);
  const above = Array.from({ length: count + 1 }, (_, k) => lines.nearest * 10 ** ((k * decades) / count));
  return [...above.map((t) => -t).reverse(), 0, ...above];
}

/** Inner points where the slope changes most, relative to what the line has, beyond what rounding explains. */
function largestChanges(
  places: readonly number[],
  values: Float64Array,
  target: Placed,
  most: number,
): number[] {
  const changes = places.map((_, j) => {
    if (j === 0 || j === places.length - 1) return 0;
    const [before, after] = [places[j] - places[j - 1], places[j + 1] - places[j]];
    const change = (values[j + 1] - values[j]) / after - (values[j] - values[j - 1]) / before;
    const error = errorOf(target, values.subarray(j - 1, j + 2));
    const size = Math.abs(change) * Math.min(before, after);
    return size > significant * error ? size / (before + after) : 0;
  });
  return changes
    .map((change, j) => ({ change, j }))
    .filter(
      ({ change, j }) => change > 0 && change >= (changes[j - 1] ?? 0) && change >= (changes[j + 1] ?? 0),
    )
    .sort((a, b) => b.change - a.change)
    .slice(0, most)
    .map(({ j }) => j);
}

/** Halves every bracket, towards where the second difference is largest. */
async function halve(brackets: readonly Bracket[], target: Placed, frame: Frame): Promise<void> {
  const answers = await askBeside(brackets, 0.5, target, frame);
  for (const [b, bracket] of brackets.entries()) {
    const [low, middle, high] = bracket.values;
    const [left, right] = answers.subarray(2 * b, 2 * b + 2);
    const whole = Math.abs(low - 2 * middle + high);
    const parts = [low - 2 * left + middle, left - 2 * middle + right, middle - 2 * right + high].map(
      Math.abs,
    );
    const best = parts.indexOf(Math.max(...parts));
    const error = errorOf(target, [low, middle, high]);
    const isSeen = parts[best] > significant * error;
    if (!isSeen || parts[best] < smooth * whole) {
      bracket.isDone = true;
      bracket.isSmooth = isSeen;
      continue;
    }
    bracket.at += (best - 1) * (bracket.half / 2);
    bracket.half /= 2;
    bracket.values = [low, left, middle, right, high].slice(best, best + 3) as [number, number, number];
    bracket.isDone = bracket.half < features.resolution * (Math.abs(bracket.at) + lines.nearest);
  }
}

/** Answers before and behind the middles of intervals, so much of their halves away: two for each. */
function askBeside(
  intervals: readonly Interval[],
  share: number,
  target: Placed,
  frame: Frame,
): Promise<Float64Array> {
  const points = intervals.flatMap(({ start, direction, at, half }) =>
    [-share, share].map((k) => start.map((u, i) => u + (at + k * half) * direction[i])),
  );
  return askIn(target, frame, points);
}

/** Answers at points in the coordinates of a frame. */
export async function askIn(
  { ask, dimension: d }: Placed,
  { shifts, scales }: Frame,
  points: readonly Float64Array[],
): Promise<Float64Array> {
  if (points.length === 0) return new Float64Array(0);
  const inputs = new Float64Array(points.length * d);
  for (const [n, point] of points.entries()) {
    for (let i = 0; i < d; i++) inputs[n * d + i] = shifts[i] + scales[i] * point[i];
  }
  return ask(inputs, points.length);
}

/** What rounding leaves of answers at most. */
export const errorOf = ({ roundoff, step }: Placed, answers: ArrayLike<number>): number =>
  step + roundoff * Math.max(...Array.from(answers, Math.abs));
