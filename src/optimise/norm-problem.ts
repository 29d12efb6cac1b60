import type { LeastSquares, Samples } from '../kernels/kernels.js';
import { factorScaled } from '../kernels/row-problem.js';
import { activations } from '../network/activations.js';
import { type DeepShape, deepBlocks, deepParameterCount } from '../network/deep.js';
import { backThroughNorm, normaliseRow, usualEpsilon } from '../network/layer-norm.js';
import { factorCholesky, solveCholesky } from '../numeric/cholesky.js';

/** What a network makes of one sample; written anew for every one. */
interface Row {
  /** x̃ = (x, 1), d + 1 numbers. */
  readonly x: Float64Array;
  /** The sums of the neurons, normalised, and what they give on with a constant (m + 1 numbers). */
  readonly sums: Float64Array;
  readonly normal: Float64Array;
  readonly given: Float64Array;
  readonly steepness: Float64Array;
  /** What the sums were divided by. */
  root: number;
  /** Of every output its residual, and its derivatives (o × m) over what the activations get and over the sums. */
  readonly residuals: Float64Array;
  readonly behind: Float64Array;
  readonly before: Float64Array;
}

/** Where the parts of the parameters begin. */
interface Places {
  readonly d: number;
  readonly m: number;
  readonly o: number;
  readonly out: number;
  readonly gains: number;
  readonly shifts: number;
  readonly p: number;
}

/**
 * The least-squares problem of a network of one hidden layer whose neurons' sums are normalised (`normalised`): the
 * parameters are the two matrices, then the gains and the shifts. Plain numbers, for networks of a few hundred weights.
 */
export function normProblem(shape: DeepShape, samples: Samples): LeastSquares {
  const places = placesOf(shape);
  const { p, o } = places;
  const residualCount = samples.count * o;
  const normal = new Float64Array(p * p);
  const normalVector = new Float64Array(p);
  const normalDiagonal = new Float64Array(p);
  const forEach = (theta: Float64Array, derive: boolean, visit: (row: Row) => void) =>
    forEachSample(shape, places, samples, theta, derive, visit);
  const lossAt = (theta: Float64Array, derive: boolean, visit: (row: Row) => void) => {
    let sum = 0;
    forEach(theta, derive, (row) => {
      for (let i = 0; i < o; i++) sum += row.residuals[i] ** 2;
      visit(row);
    });
    return sum / residualCount;
  };
  return {
    parameterCount: p,
    residualCount,
    loss: (theta) => lossAt(theta, false, () => {}),
    lossAndGradient(theta, gradient) {
      gradient.fill(0);
      const loss = lossAt(theta, true, (row) => addToVector(gradient, row, places));
      for (let i = 0; i < p; i++) gradient[i] *= 2 / residualCount;
      return loss;
    },
    linearise(theta) {
      normal.fill(0);
      normalVector.fill(0);
      const loss = lossAt(theta, true, (row) => {
        addToVector(normalVector, row, places);
        addToMatrix(normal, row, places);
      });
      for (let i = 0; i < p; i++) {
        normalDiagonal[i] = normal[i * p + i];
        for (let j = i + 1; j < p; j++) normal[j * p + i] = normal[i * p + j];
      }
      return loss;
    },
    normalVector,
    normalDiagonal,
    normalMatrix: () => normal.slice(),
    solve(damping, step, vector = normalVector) {
      const damped = normal.slice();
      for (let i = 0; i < p; i++) damped[i * p + i] += damping[i];
      const factor = factorCholesky(damped, p);
      if (factor === undefined) return false;
      for (let i = 0; i < p; i++) step[i] = -vector[i];
      solveCholesky(factor, p, step);
      return true;
    },
    factoriseScaled: (scale) => factorScaled(normal, scale),
    dispose() {},
  };
}

function placesOf(shape: DeepShape): Places {
  const p = deepParameterCount(shape);
  const [m] = shape.widths;
  const [, { at: out }] = deepBlocks(shape);
  return { d: shape.inputs, m, o: shape.outputs, out, gains: p - 2 * m, shifts: p - m, p };
}

/** Evaluates the network at every sample, with its derivatives where they are wanted. */
function forEachSample(
  { activation, slope }: DeepShape,
  { d, m, o, out, gains: gainsAt, shifts: shiftsAt }: Places,
  { inputs, outputs, count }: Samples,
  theta: Float64Array,
  derive: boolean,
  visit: (row: Row) => void,
): void {
  const { value, derivative } = activations[activation];
  const numbers = (length: number) => new Float64Array(length);
  const row: Row = {
    x: numbers(d + 1).fill(1),
    ...{ sums: numbers(m), normal: numbers(m), given: numbers(m + 1).fill(1), steepness: numbers(m) },
    ...{ root: 1, residuals: numbers(o), behind: numbers(o * m), before: numbers(o * m) },
  };
  const { x, sums, normal, given, steepness, residuals, behind, before } = row;
  const gains = theta.subarray(gainsAt, shiftsAt);
  for (let n = 0; n < count; n++) {
    x.set(inputs.subarray(n * d, (n + 1) * d));
    for (let j = 0; j < m; j++) {
      const at = j * (d + 1);
      let sum = 0;
      for (let k = 0; k <= d; k++) sum += theta[at + k] * x[k];
      sums[j] = sum;
    }
    row.root = normaliseRow(sums, usualEpsilon, normal);
    for (let j = 0; j < m; j++) {
      const u = gains[j] * normal[j] + theta[shiftsAt + j];
      given[j] = value(u, slope);
      if (derive) steepness[j] = derivative(u, slope);
    }
    for (let i = 0; i < o; i++) {
      const a = out + i * (m + 1);
      let sum = 0;
      for (let j = 0; j <= m; j++) sum += theta[a + j] * given[j];
      residuals[i] = sum - outputs[n * o + i];
      if (!derive) continue;
      for (let j = 0; j < m; j++) behind[i * m + j] = theta[a + j] * steepness[j];
      const own = before.subarray(i * m, (i + 1) * m);
      own.set(behind.subarray(i * m, (i + 1) * m));
      backThroughNorm(own, gains, normal, row.root);
    }
    visit(row);
  }
}

/** Adds Jᵀr of a sample. */
function addToVector(to: Float64Array, row: Row, { d, m, o, out, gains, shifts }: Places): void {
  const { x, normal, given, residuals, behind, before } = row;
  for (let i = 0; i < o; i++) {
    const r = residuals[i];
    for (let j = 0; j <= m; j++) to[out + i * (m + 1) + j] += r * given[j];
    for (let j = 0; j < m; j++) {
      const own = r * before[i * m + j];
      for (let k = 0; k <= d; k++) to[j * (d + 1) + k] += own * x[k];
      to[gains + j] += r * behind[i * m + j] * normal[j];
      to[shifts + j] += r * behind[i * m + j];
    }
  }
}

/** Adds the upper triangle of JᵀJ of a sample: rows of the first matrix are multiples of x̃. */
function addToMatrix(to: Float64Array, row: Row, places: Places): void {
  const { m, o } = places;
  const { behind, before } = row;
  for (let j = 0; j < m; j++) {
    for (let l = 0; l < m; l++) {
      let [ofRows, mixed, ofGains] = [0, 0, 0];
      for (let i = 0; i < o; i++) {
        ofRows += before[i * m + j] * before[i * m + l];
        mixed += before[i * m + j] * behind[i * m + l];
        ofGains += behind[i * m + j] * behind[i * m + l];
      }
      addPair(to, row, places, { j, l, ofRows, mixed, ofGains });
    }
  }
  for (let i = 0; i < o; i++) addOutput(to, row, places, i);
}

/** What of JᵀJ belongs to rows, gains and shifts of two neurons. */
function addPair(
  to: Float64Array,
  { x, normal }: Row,
  { d, gains, shifts, p }: Places,
  pair: { j: number; l: number; ofRows: number; mixed: number; ofGains: number },
): void {
  const { j, l, ofRows, mixed, ofGains } = pair;
  for (let k = 0; k <= d; k++) {
    const at = (j * (d + 1) + k) * p;
    if (l >= j) {
      const own = ofRows * x[k];
      const column = at + l * (d + 1);
      for (let c = l === j ? k : 0; c <= d; c++) to[column + c] += own * x[c];
    }
    const other = mixed * x[k];
    to[at + gains + l] += other * normal[l];
    to[at + shifts + l] += other;
  }
  if (l >= j) {
    to[(gains + j) * p + gains + l] += ofGains * normal[j] * normal[l];
    to[(shifts + j) * p + shifts + l] += ofGains;
  }
  to[(gains + j) * p + shifts + l] += ofGains * normal[j];
}

/** What of JᵀJ belongs to the weights of one output. */
function addOutput(
  to: Float64Array,
  { x, normal, given, behind, before }: Row,
  { d, m, out, gains, shifts, p }: Places,
  i: number,
): void {
  const a = out + i * (m + 1);
  for (let j = 0; j < m; j++) {
    for (let k = 0; k <= d; k++) {
      const own = before[i * m + j] * x[k];
      const at = (j * (d + 1) + k) * p + a;
      for (let l = 0; l <= m; l++) to[at + l] += own * given[l];
    }
  }
  for (let j = 0; j <= m; j++) {
    const at = (a + j) * p;
    for (let l = j; l <= m; l++) to[at + a + l] += given[j] * given[l];
    for (let l = 0; l < m; l++) {
      const own = given[j] * behind[i * m + l];
      to[at + gains + l] += own * normal[l];
      to[at + shifts + l] += own;
    }
  }
}
