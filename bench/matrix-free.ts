import { randomStream } from '../src/base/random.js';
import { identifiabilityByProducts } from '../src/certify/by-products.js';
import { identifiabilityOf } from '../src/certify/identifiability.js';
import type { Kernels, Samples, ShallowShape } from '../src/kernels/kernels.js';
import { shallowParameterCount } from '../src/kernels/kernels.js';
import { minimiseMatrixFree } from '../src/optimise/gauss-newton.js';
import { weightsOfNeurons } from '../src/optimise/hold-scales.js';
import { minimise } from '../src/optimise/levenberg-marquardt.js';
import { withOutputWeights } from '../src/optimise/output-weights.js';
import type { Dataset } from '../src/records.js';
import { type BenchContext, startBuilds } from './contest.js';

/** Widths of networks with as many inputs as neurons and ten outputs: 850, 2026 and 4810 parameters. */
const widths = [24, 40, 64];

/** Residuals a parameter, as in the last descent of a recovery. */
const perParameter = 4;

/** A descent from weights that are off by this much, to where the loss is at rounding. */
const start = { off: 1e-3, tolerance: 1e-26 };

/**
 * Descents without a normal matrix and the certificate by products, beside those with it: from the same start to the
 * same loss, and on the same network and samples. One turn each, as a descent takes long.
 */
export function benchMatrixFree(context: BenchContext): Promise<void> {
  const { simd, relaxed } = startBuilds();
  for (const [what, title] of [
    ['descent', 'descents without JᵀJ'],
    ['certificate', 'certificates without JᵀJ'],
  ] as const) {
    context.head(title, 'with JᵀJ');
    for (const width of context.quick ? widths.slice(0, 1) : widths) {
      const problem = problemOf(simd ?? relaxed, width);
      const turn = (kernels: Kernels | undefined, isFree: boolean) =>
        kernels === undefined
          ? null
          : seconds(() => (what === 'descent' ? descend : certify)(kernels, problem, isFree));
      context.row({
        part: 'matrix-free',
        name: `${what}, p = ${problem.parameters.length}`,
        simd: turn(simd, true),
        relaxed: turn(relaxed, true),
        peer: turn(relaxed ?? simd, false),
        operations: 0,
      });
    }
  }
  return Promise.resolve();
}

function seconds(act: () => void): number {
  const begin = performance.now();
  act();
  return (performance.now() - begin) / 1e3;
}

interface Problem {
  readonly shape: ShallowShape;
  readonly parameters: Float64Array;
  readonly samples: Samples & Dataset;
}

/** A random tanh network and samples that it answers without error. */
function problemOf(kernels: Kernels | undefined, width: number): Problem {
  const shape = {
    inputs: width,
    hidden: width,
    outputs: 10,
    activation: 'tanh',
    slope: 0,
    skip: false,
  } as const;
  const random = randomStream('bench', 'matrix-free', width);
  const draw = (length: number, deviation: number) =>
    Float64Array.from({ length }, () => deviation * random.normal());
  const p = shallowParameterCount(shape);
  const parameters = draw(p, 1 / Math.sqrt(width));
  const count = Math.ceil((perParameter * p) / shape.outputs);
  const inputs = draw(count * width, 1);
  const end = width * (width + 1);
  const hidden = kernels!.neuronOutputs(shape, parameters.subarray(0, end), inputs, count);
  const outputs = Float64Array.from({ length: count * shape.outputs }, (_, at) => {
    const [n, i] = [Math.floor(at / shape.outputs), at % shape.outputs];
    const row = end + i * (width + 1);
    let sum = parameters[row + width];
    for (let j = 0; j < width; j++) sum += parameters[row + j] * hidden[n * width + j];
    return sum;
  });
  const samples = { inputs, outputs, count, inputDimension: width, outputDimension: shape.outputs };
  return { shape, parameters, samples };
}

function descend(kernels: Kernels, { shape, parameters, samples }: Problem, isFree: boolean): void {
  const random = randomStream('bench', 'matrix-free', 'start');
  const end = shape.hidden * (shape.inputs + 1);
  const near = parameters.slice(0, end).map((value) => value + start.off * random.normal());
  const from = withOutputWeights(shape, near, samples);
  const options = { tolerance: start.tolerance, initialDamping: 1e-6 };
  const problem = isFree ? kernels.matrixFree(shape, samples) : kernels.shallow(shape, samples);
  const { loss } =
    'multiply' in problem ? minimiseMatrixFree(problem, from, options) : minimise(problem, from, options);
  problem.dispose();
  if (!(loss <= start.tolerance)) throw new Error(`a descent of the bench ended at ${loss}`);
}

function certify(kernels: Kernels, { shape, parameters, samples }: Problem, isFree: boolean): void {
  const neurons = weightsOfNeurons(shape);
  const floor = 1e-31;
  if (isFree) {
    const { fullRank } = identifiabilityByProducts(shape, parameters, neurons, samples, floor, kernels);
    if (!fullRank) throw new Error('the bench did not certify its network');
    return;
  }
  const problem = kernels.shallow(shape, samples);
  const factorise: Kernels['factorise'] = (matrix, n) => kernels.factorise(matrix, n);
  identifiabilityOf(problem, parameters, neurons, false, floor, [], undefined, factorise);
  problem.dispose();
}
