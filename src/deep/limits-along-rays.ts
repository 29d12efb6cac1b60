import { randomStream } from '../base/random.js';
import type { Problem } from '../problem/problem.js';
import type { OutputStatistics } from '../query/precision.js';
import type { Dataset } from '../records.js';

/** Answers at points of this size and more are far out. */
const farSize = 300;

/** Bounded answers go no farther from those nearby than so many deviations, and steps leave few different ones. */
const seen = { deviations: 30, resolution: 1e-7, different: 0.8 };

/**
 * Between points whose directions differ by less than `near`, answers change by so many deviations for each unit of that,
 * or by what is left of them far out; so great a share of the pairs must show it.
 */
const smooth = { near: 1e-2, slope: 30, rest: 1e-3, share: 0.95, most: 1500 };

/**
 * Whether the answers far out that a run has got, at least `fewest`, look like limits that change smoothly with the
 * direction: bounded, hardly any two the same, and alike where points are near each other. Bounded neurons leave steps
 * there, and few different answers; a sine changes as fast far out as nearby. Nothing is asked.
 */
export function maySeeLimits(
  answers: readonly Dataset[],
  fewest: number,
  { means, deviations }: Pick<OutputStatistics, 'means' | 'deviations'>,
): boolean {
  const k = deviations.reduce((most, value, i) => (value > deviations[most] ? i : most), 0);
  const { points, values } = farAnswers(answers, k);
  if (values.length < fewest) return false;
  if (values.some((y) => Math.abs(y - means[k]) > seen.deviations * deviations[k])) return false;
  const sorted = values.toSorted((a, b) => a - b);
  const gap = seen.resolution * (sorted[sorted.length - 1] - sorted[0]);
  const different = sorted.filter((y, i) => i === 0 || y - sorted[i - 1] > gap).length;
  return different >= seen.different * values.length && isSmooth(points, values, deviations[k]);
}

/** Directions of points far out, and the answers there in output k. */
function farAnswers(answers: readonly Dataset[], k: number) {
  const points: Float64Array[] = [];
  const values: number[] = [];
  for (const { inputs, outputs, count, inputDimension: d, outputDimension: o } of answers) {
    for (let n = 0; n < count; n++) {
      const point = inputs.subarray(n * d, (n + 1) * d);
      const size = Math.sqrt(point.reduce((sum, x) => sum + x * x, 0));
      if (size < farSize * Math.sqrt(d)) continue;
      points.push(point.map((x) => x / size));
      values.push(outputs[n * o + k]);
    }
  }
  return { points, values };
}

/** Whether points that are near each other have answers that are. */
function isSmooth(points: readonly Float64Array[], values: readonly number[], deviation: number): boolean {
  let pairs = 0;
  let alike = 0;
  const count = Math.min(points.length, smooth.most);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < a; b++) {
      let square = 0;
      for (let i = 0; i < points[a].length && square < smooth.near ** 2; i++) {
        square += (points[a][i] - points[b][i]) ** 2;
      }
      if (square >= smooth.near ** 2) continue;
      pairs++;
      const allowed = smooth.slope * Math.sqrt(square) + smooth.rest;
      if (Math.abs(values[a] - values[b]) <= allowed * deviation) alike++;
    }
  }
  return alike >= smooth.share * pairs;
}

/** Rays that are asked, and how far out: there and twice as far, and along one that is turned by a little. */
const rays = { count: 16, size: 1e4, turn: 1e-3 };

/**
 * Twice as far out a limit is the same but for a share of 1/size, and along a turned ray another one, by a share of the
 * turn, in deviations of the answers nearby.
 */
const limits = { same: 1e-2, changes: 3e-5, jumps: 0.3 };

/** Whether answers along rays come to limits that change smoothly with the direction, as those behind a normalisation do. */
export async function tendsToLimits(
  { source, statistics, accuracy }: Pick<Problem, 'source' | 'statistics' | 'accuracy'>,
  seed: number,
): Promise<boolean> {
  const d = source.inputDimension;
  const random = randomStream(seed, 'limits along rays');
  const { count, size, turn } = rays;
  const inputs = new Float64Array(3 * count * d);
  for (let i = 0; i < count * d; i++) {
    const u = random.normal();
    inputs[i] = size * u;
    inputs[count * d + i] = 2 * size * u;
    inputs[2 * count * d + i] = size * (u + turn * random.normal());
  }
  const answers = await source.ask(inputs, 3 * count, 'far field');
  const o = answers.length / (3 * count);
  const { deviations } = statistics;
  const difference = (place: number) => (n: number) =>
    deviations.reduce((most, deviation, k) => {
      if (!(deviation > 0)) return most;
      const other = answers[(place * count + n) * o + k] - answers[n * o + k];
      return Math.max(most, Math.abs(other) / deviation);
    }, 0);
  const all = Array.from({ length: count }, (_, n) => n);
  const doubled = all.map(difference(1));
  const turned = all.map(difference(2));
  const least = Math.max(limits.changes, 10 * accuracy.relativeError);
  const changing = turned.filter((change) => change > least && change < limits.jumps).length;
  return doubled.every((change) => change <= limits.same) && changing > count / 2;
}
