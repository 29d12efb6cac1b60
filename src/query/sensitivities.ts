import { randomStream } from '../base/random.js';
import type { Frame } from '../network/frame.js';
import { askIn, errorOf, type Feature, type Placed } from './placing.js';

/** Points where sensitivities are measured, beside places where the answers bend. */
const points = 4;

/** The first step along an input, by how much it grows while the answers hardly change, and how often. */
const step = { first: 0.1, factor: 10, most: 10 };

/** Changes exceed what rounding leaves so many times: then three digits of a slope are right. */
const clear = 1e3;

/**
 * How fast the answers change along every input of a frame: root mean square over points of its middle and where the
 * answers bend (d numbers, 0 where no step shows a change).
 */
export async function measureSensitivities(
  target: Placed,
  frame: Frame,
  features: readonly Feature[],
  round: number,
): Promise<Float64Array> {
  return rootMeanSquare(await slopesAlongInputs(target, frame, features, round), target.dimension);
}

/**
 * The same of the middle alone, every point of which counts alike (d numbers, largest about 1): where a head saturates,
 * the slopes of one point exceed all others, and single ones of it are small by chance.
 */
export async function measureShares(target: Placed, frame: Frame): Promise<Float64Array> {
  const slopes = await slopesAlongInputs(target, frame, [], 'shares');
  const seen = slopes.filter((row) => row.some((slope) => slope > 0));
  const shares = seen.map((row) => row.map((slope) => slope / Math.max(...row)));
  return rootMeanSquare(shares, target.dimension);
}

/** For each of a few points the sizes of the slopes along every input (d numbers). */
async function slopesAlongInputs(
  target: Placed,
  frame: Frame,
  features: readonly Feature[],
  round: number | 'shares',
): Promise<Float64Array[]> {
  const { dimension: d, seed } = target;
  const random = randomStream(seed, 'placing', 'sensitivities', round);
  const drawn = Array.from({ length: points }, () => Float64Array.from({ length: d }, () => random.normal()));
  const at = [...drawn, ...features.slice(0, points).map(({ point }) => point)];
  const middles = await askIn(target, frame, at);
  const slopes = at.map(() => new Float64Array(d));
  let open = at.flatMap((_, n) => Array.from({ length: d }, (_, i) => ({ n, i })));
  let length = step.first;
  for (let turn = 0; turn < step.most && open.length > 0; turn++) {
    const moved = open.map(({ n, i }) => at[n].with(i, at[n][i] + length));
    const answers = await askIn(target, frame, moved);
    const isClear = open.map(({ n, i }, k) => {
      const change = Math.abs(answers[k] - middles[n]);
      if (change > 0) slopes[n][i] = change / length;
      const error = errorOf(target, [answers[k], middles[n]]);
      return change > clear * error;
    });
    open = open.filter((_, k) => !isClear[k]);
    length *= step.factor;
  }
  return slopes;
}

function rootMeanSquare(rows: readonly Float64Array[], d: number): Float64Array {
  return Float64Array.from({ length: d }, (_, i) =>
    Math.sqrt(rows.reduce((sum, row) => sum + row[i] ** 2, 0) / Math.max(1, rows.length)),
  );
}
