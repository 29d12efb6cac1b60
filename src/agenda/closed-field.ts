import { randomStream } from '../base/random.js';
import { type Axes, axesOf, fromAxes } from '../closed-form/axes.js';
import type { Field } from '../closed-form/field.js';
import { gradientStep, measureGradients } from '../closed-form/points.js';
import { takeRows } from '../numeric/take-rows.js';
import type { Problem } from '../problem/problem.js';
import { rowsWithin } from '../query/bounds.js';
import { scaleAnswers } from '../query/precision.js';
import type { Source } from '../query/source.js';
import { liftInputs } from '../query/subspace.js';

/** Whether single inputs can be moved by a little: not in given pairs, nor on a grid. */
export const mayAskAnywhere = ({ noun, grid }: Source) => noun === 'queries' && grid === undefined;

/** Spread of the points about which gradients are measured, and of the samples that students are trained on. */
export const spread = 1;

/** Rows of Jacobians for every dimension, for the axes. */
const rowsPerDimension = 2;

/** The axes in which a step of any direction changes the answers alike. */
export async function measureAxes(problem: Problem, seed: number): Promise<Axes | undefined> {
  const { source, accuracy, task } = problem;
  const { inputs: k, outputs: o } = task;
  const rows = slopesOfSubspace(problem);
  const least = rows.length > 0 ? 0 : 2;
  const points = Math.max(least, Math.ceil((rowsPerDimension * k - rows.length) / o));
  const random = randomStream(seed, 'closed form', 'axes');
  const step = gradientStep(accuracy.relativeError);
  const plain = plainField(problem);
  source.reserve(points * 2 * k);
  for (let p = 0; p < points; p++) {
    const centre = Float64Array.from({ length: k }, () => spread * random.normal());
    const room = plain.room(new Float64Array(k), centre);
    if (room < 2) for (let a = 0; a < k; a++) centre[a] *= room / 2;
    const gradients = await measureGradients(plain, centre, step);
    if (!gradients.some((gradient) => gradient.some(Number.isNaN))) rows.push(...gradients);
  }
  return axesOf(rows, k);
}

/** Rows of scaled Jacobians that the subspace was found from; behind a head they may be those of other numbers. */
function slopesOfSubspace({ subspace, source, task, statistics }: Problem): Float64Array[] {
  const rows = source.head === undefined ? (subspace?.slopes ?? []) : [];
  return rows.map((row, i) => row.map((value) => value / statistics.scales[i % task.outputs]));
}

/** The target's scaled answers in the coordinates of the search. */
function plainField({ source, subspace, statistics, accuracy, task }: Problem): Field {
  const toInputs = (points: Float64Array) => (subspace === undefined ? points : liftInputs(subspace, points));
  return {
    dimension: task.inputs,
    outputs: task.outputs,
    error: accuracy.relativeError * Math.sqrt(statistics.scaledSquare),
    room(point, direction) {
      if (source.reach === Number.POSITIVE_INFINITY) return source.reach;
      const from = toInputs(point);
      const along = toInputs(direction);
      return from.reduce((least, x, a) => {
        const way =
          along[a] === 0
            ? Number.POSITIVE_INFINITY
            : (source.reach - Math.sign(along[a]) * x) / Math.abs(along[a]);
        return Math.max(0, Math.min(least, way));
      }, Number.POSITIVE_INFINITY);
    },
    async evaluate(points, count) {
      const queries = toInputs(points);
      const answers = await askWithin(source, queries, count, task.outputs);
      return scaleAnswers(answers, statistics.scales);
    },
  };
}

/** Answers (count × o) to queries, NaN where a query would leave the bounds: steps of coarse answers can be wider than those. */
async function askWithin(
  source: Problem['source'],
  queries: Float64Array,
  count: number,
  o: number,
): Promise<Float64Array> {
  const { reach } = source;
  if (reach === Number.POSITIVE_INFINITY) return source.ask(queries, count, 'surfaces');
  const within = rowsWithin(queries, count, reach);
  if (within.length === count) return source.ask(queries, count, 'surfaces');
  const answers = new Float64Array(count * o).fill(Number.NaN);
  if (within.length === 0) return answers;
  const asked = takeRows(queries, queries.length / count, within);
  const own = await source.ask(asked, within.length, 'surfaces');
  within.forEach((n, i) => {
    answers.set(own.subarray(i * o, (i + 1) * o), n * o);
  });
  return answers;
}

/** The same along axes. */
export function fieldOf(problem: Problem, axes: Axes): Field {
  const plain = plainField(problem);
  return {
    ...plain,
    room: (point, direction) => plain.room(fromAxes(axes, point), fromAxes(axes, direction)),
    evaluate: (points, count) => plain.evaluate(fromAxes(axes, points), count),
  };
}
