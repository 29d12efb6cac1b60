import { fitDeepStudents, randomDeepParameters } from '../expand/deep-students.js';
import type { StudentEvent } from '../expand/expand.js';
import type { ActivationName } from '../network/activations.js';
import { type DeepShape, deepBlocks, deepParameterCount } from '../network/deep.js';
import type { FitJob, Fitter } from '../optimise/fit.js';
import type { LevenbergMarquardtOptions } from '../optimise/levenberg-marquardt.js';
import { type Dataset, type DeepStudent, samplesOf } from '../records.js';

/** Students that are wider than the target in every layer, and are contracted afterwards. */
export interface WideWave {
  readonly widths: readonly number[];
  readonly spread: number;
  readonly students: number;
}

/** What a wave of wide students needs to know beside its own description. */
export interface WideContext {
  readonly seed: number;
  readonly activation: ActivationName;
  readonly dataset: Dataset;
  readonly tolerance: number;
  readonly fitter: Fitter;
  /** Makes these students differ from others. */
  readonly label: string;
  /** Number of the first of them in the run. */
  readonly firstIndex: number;
  readonly maxIterations?: number;
  readonly onEvent?: (event: StudentEvent) => void;
}

/** Residuals a parameter, and the fewest samples. */
const samples = { perParameter: 4, least: 300 };

const descent = { maxIterations: 300, patience: 40, minDecrease: 0.1 };

/**
 * ReLU students begin as softplus ones, so many times as steep as others: between the bends of ReLU a descent has no
 * slope to follow. On two hidden layers (deep suite, seeds 1 to 3, float32) ReLU students of 14-14 and 20-20 stalled
 * between 2e-3 and 3e-6; of 16-16 that came from softplus the best of two or three was at 1e-10, 1e-14 and 3e-7.
 */
const through: Partial<Record<ActivationName, { readonly activation: ActivationName; steepness: number }>> = {
  relu: { activation: 'softplus', steepness: 3 },
};

/** Samples that the students of a wave want. */
export function samplesForWide(shape: Omit<DeepShape, 'activation' | 'slope'>): number {
  return Math.max(
    samples.least,
    Math.ceil((samples.perParameter * deepParameterCount(shape)) / shape.outputs),
  );
}

/** Trains one wave, lowest loss first. */
export async function trainWide(wave: WideWave, context: WideContext): Promise<DeepStudent[]> {
  const { seed, activation, dataset, tolerance, fitter, label } = context;
  const { inputDimension: inputs, outputDimension: outputs } = dataset;
  const shape: DeepShape = { inputs, widths: wave.widths, outputs, activation, slope: 0, skip: false };
  const { maxIterations = descent.maxIterations } = context;
  const options = { ...descent, maxIterations, tolerance };
  const first = through[activation];
  let starts = Array.from({ length: wave.students }, (_, i) =>
    steepened(
      shape,
      randomDeepParameters(shape, wave.spread, [seed, 'wide student', label, i]),
      first?.steepness ?? 1,
    ),
  );
  if (first !== undefined) {
    const softer = { ...shape, activation: first.activation };
    const fitted = await fitter.fit(starts.map((start) => jobOf(softer, start, dataset, options)));
    starts = fitted.map(({ parameters }) => parameters);
  }
  const students = await fitDeepStudents(
    starts.map((start) => jobOf(shape, start, dataset, options)),
    (i, fitted): DeepStudent => ({
      index: context.firstIndex + i,
      start: 'random',
      peeled: 0,
      spread: wave.spread,
      samples: dataset.count,
      ...fitted,
      atFloor: fitted.loss <= tolerance,
    }),
    wave.spread,
    context,
  );
  return students.sort((a, b) => a.loss - b.loss);
}

function jobOf(
  shape: DeepShape,
  start: Float64Array,
  dataset: Dataset,
  options: Partial<LevenbergMarquardtOptions>,
): FitJob<DeepShape> {
  return { samples: samplesOf(dataset), shape, method: { kind: 'descend', start, options } };
}

/** Parameters of which every hidden neuron's input is multiplied by a factor, and what it gives on divided by it. */
function steepened(shape: DeepShape, parameters: Float64Array, factor: number): Float64Array {
  const steeper = parameters.slice();
  deepBlocks(shape).forEach(({ at, rows, columns }, layer) => {
    const isOutput = layer === shape.widths.length;
    for (let place = 0; place < rows * columns; place++) {
      const isBias = place % columns === columns - 1;
      if (!isOutput) steeper[at + place] *= factor;
      if (layer > 0 && !isBias) steeper[at + place] /= factor;
    }
  });
  return steeper;
}
