import type { RandomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import type { Jacobian } from './mend-jacobians.js';
import type { Oracle as WholeOracle } from './oracle.js';

type Oracle = Pick<WholeOracle, 'ask' | 'reserve'>;

/** Jacobian rows below this many times their measured error are called noise. */
const errorFactor = 20;

/** The threshold is never below this: Gram–Schmidt itself rounds. */
const leastThreshold = 1e-9;

/** So many input coordinates, drawn at random where there are more, tell the error of differences. */
const measuredCoordinates = 128;

/** One-sided differences that met a kink, this part of the columns at most, say nothing of truncation and rounding. */
const kinked = 0.05;

/**
 * Relative to the largest row, what the differencing error of Jacobian rows can fake: from two Jacobians at
 * the same point with different steps, of which the one given is the finer, which differ by truncation and by the
 * answers' own rounding or noise.
 */
export async function measureThreshold(
  oracle: Oracle,
  fine: Jacobian,
  { step, isForward }: Way,
  random: RandomStream,
): Promise<number> {
  const d = fine.centre.length;
  const chosen = new Set<number>();
  if (d <= measuredCoordinates) for (let k = 0; k < d; k++) chosen.add(k);
  else while (chosen.size < measuredCoordinates) chosen.add(random.integer(d));
  const columns = [...chosen];
  const coarse = await columnsAt(oracle, fine, { step: 2 * step, isForward }, columns);
  let error = 0;
  let largest = 0;
  fine.rows.forEach((row, i) => {
    const squares = columns.map((k, at) => (row[k] - coarse[i][at]) ** 2);
    const counted = isForward
      ? squares.sort((a, b) => a - b).slice(0, Math.ceil((1 - kinked) * columns.length))
      : squares;
    const mean = counted.reduce((sum, square) => sum + square, 0) / counted.length;
    error = Math.max(error, Math.sqrt(mean * d));
    largest = Math.max(largest, Math.sqrt(dot(row, row)));
  });
  return largest > 0 ? Math.max(leastThreshold, (errorFactor * error) / largest) : Number.POSITIVE_INFINITY;
}

/** How differences are taken: one-sided ones from the answer at the point itself. */
export interface Way {
  readonly step: number;
  readonly isForward: boolean;
}

/** The Jacobian at a point. */
export async function jacobianAt(oracle: Oracle, centre: Float64Array, way: Way): Promise<Jacobian> {
  oracle.reserve(centre.length * (way.isForward ? 1 : 2));
  const answers = way.isForward ? await oracle.ask(centre, 1, 'row space') : new Float64Array(0);
  const bare = { centre, answers, rows: [] };
  const columns = Array.from(centre, (_, k) => k);
  return { ...bare, rows: await columnsAt(oracle, bare, way, columns) };
}

/** Columns of the Jacobian at a point, as rows (o) of as many numbers as there are columns. */
async function columnsAt(
  oracle: Oracle,
  { centre, answers }: Jacobian,
  { step, isForward }: Way,
  columns: readonly number[],
): Promise<Float64Array[]> {
  const d = centre.length;
  const ways = isForward ? [step] : [step, -step];
  const count = ways.length * columns.length;
  const inputs = new Float64Array(count * d);
  columns.forEach((k, at) => {
    for (const [i, way] of ways.entries()) {
      const row = (ways.length * at + i) * d;
      inputs.set(centre, row);
      inputs[row + k] += way;
    }
  });
  const outputs = await oracle.ask(inputs, count, 'row space');
  const o = outputs.length / count;
  return Array.from({ length: o }, (_, i) =>
    Float64Array.from(columns, (_, at) =>
      isForward
        ? (outputs[at * o + i] - answers[i]) / step
        : (outputs[2 * at * o + i] - outputs[(2 * at + 1) * o + i]) / (2 * step),
    ),
  );
}

/** Steps of columns that are taken anew are shorter by this. */
const shorter = 1 / 16;

/** Takes columns of a Jacobian anew, in place, with shorter steps. */
export async function askAgain(
  oracle: Oracle,
  jacobian: Jacobian,
  { step, isForward }: Way,
  columns: readonly number[],
): Promise<void> {
  const again = await columnsAt(oracle, jacobian, { step: shorter * step, isForward }, columns);
  again.forEach((row, i) => {
    columns.forEach((k, at) => {
      jacobian.rows[i][k] = row[at];
    });
  });
}
