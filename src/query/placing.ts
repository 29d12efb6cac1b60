import { randomStream } from '../base/random.js';
import type { Frame } from '../network/frame.js';

/** Asks for one number a point: `points` is count × d, in the target's own inputs. */
export type AskScalar = (points: Float64Array, count: number) => Promise<Float64Array>;

/** What placing needs of a target: one number a query, and what rounding leaves of it, relative to its size. */
export interface Placed {
  readonly dimension: number;
  readonly ask: AskScalar;
  readonly roundoff: number;
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
const lines = { count: 8, perDecade: 4, nearest: 0.03, farthest: 1e5 };

/** Features kept of a line, and how often their intervals are halved at most. */
const features = { aLine: 6, halvings: 40, resolution: 1e-3 };

/** A change counts where it exceeds what rounding explains so many times. */
const significant = 30;

/** A second difference that falls so much as the interval is halved is that of a smooth curve, which gives a quarter. */
const smooth = 0.35;

interface Bracket {
  readonly start: Float64Array;
  readonly direction: Float64Array;
  readonly room: number;
  /** Place along the line of its middle, half of its length, answers at its ends and in its middle. */
  at: number;
  half: number;
  values: [number, number, number];
  isDone: boolean;
  isSmooth: boolean;
}

/** Places where the answers bend or step, along random lines through the middle of a frame, near and far. */
export async function findFeatures(target: Placed, frame: Frame, round: number): Promise<Feature[]> {
  const brackets = await bracketFeatures(target, frame, round);
  const ends = await askIn(
    target,
    frame,
    brackets.flatMap(({ start, direction, at, half }) =>
      [-1, 1].map((k) => start.map((u, i) => u + (at + k * half) * direction[i])),
    ),
  );
  for (const [b, bracket] of brackets.entries()) {
    bracket.values = [ends[2 * b], bracket.values[1], ends[2 * b + 1]];
  }
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
async function bracketFeatures(target: Placed, frame: Frame, round: number): Promise<Bracket[]> {
  const { dimension: d, seed } = target;
  const random = randomStream(seed, 'placing', round);
  const places = placesOnLine();
  const drawn = Array.from({ length: lines.count }, () => {
    const start = Float64Array.from({ length: d }, () => 0.1 * random.normal());
    const towards = Float64Array.from({ length: d }, () => random.normal());
    const norm = Math.hypot(...towards);
    return { start, direction: towards.map((v) => v / norm) };
  });
  const points = drawn.flatMap(({ start, direction }) =>
    places.map((t) => start.map((u, i) => u + t * direction[i])),
  );
  const answers = await askIn(target, frame, points);
  return drawn.flatMap(({ start, direction }, line) => {
    const values = answers.subarray(line * places.length, (line + 1) * places.length);
    return largestChanges(places, values, target.roundoff).map((j) => {
      const half = Math.min(places[j + 1] - places[j], places[j] - places[j - 1]);
      const outer = Math.max(places[j + 1] - places[j], places[j] - places[j - 1]);
      // the middle of the wider interval would be missed by the narrower: both ends are asked again
      return {
        start,
        direction,
        room: half / 2,
        at: places[j],
        half: outer,
        values: [Number.NaN, values[j], Number.NaN] as [number, number, number],
        isDone: false,
        isSmooth: false,
      };
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
function largestChanges(places: readonly number[], values: Float64Array, roundoff: number): number[] {
  const changes = places.map((_, j) => {
    if (j === 0 || j === places.length - 1) return 0;
    const [before, after] = [places[j] - places[j - 1], places[j + 1] - places[j]];
    const change = (values[j + 1] - values[j]) / after - (values[j] - values[j - 1]) / before;
    const error = roundoff * Math.max(...[-1, 0, 1].map((k) => Math.abs(values[j + k])));
    const size = Math.abs(change) * Math.min(before, after);
    return size > significant * error ? size / (before + after) : 0;
  });
  return changes
    .map((change, j) => ({ change, j }))
    .filter(
      ({ change, j }) => change > 0 && change >= (changes[j - 1] ?? 0) && change >= (changes[j + 1] ?? 0),
    )
    .sort((a, b) => b.change - a.change)
    .slice(0, features.aLine)
    .map(({ j }) => j);
}

/** Halves every bracket, towards where the second difference is largest. */
async function halve(brackets: readonly Bracket[], target: Placed, frame: Frame): Promise<void> {
  const answers = await askIn(
    target,
    frame,
    brackets.flatMap(({ start, direction, at, half }) =>
      [-0.5, 0.5].map((k) => start.map((u, i) => u + (at + k * half) * direction[i])),
    ),
  );
  for (const [b, bracket] of brackets.entries()) {
    const [low, middle, high] = bracket.values;
    const [left, right] = answers.subarray(2 * b, 2 * b + 2);
    const whole = Math.abs(low - 2 * middle + high);
    const parts = [low - 2 * left + middle, left - 2 * middle + right, middle - 2 * right + high].map(
      Math.abs,
    );
    const best = parts.indexOf(Math.max(...parts));
    const error = target.roundoff * Math.max(...[low, middle, high].map(Math.abs));
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

/** Answers at points in the coordinates of a frame. */
export async function askIn(
  { ask, dimension: d }: Placed,
  { shifts, scales }: Frame,
  points: readonly Float64Array[],
): Promise<Float64Array> {
  const inputs = new Float64Array(points.length * d);
  for (const [n, point] of points.entries()) {
    for (let i = 0; i < d; i++) inputs[n * d + i] = shifts[i] + scales[i] * point[i];
  }
  return ask(inputs, points.length);
}
