import { randomStream } from '../base/random.js';
import type { ActivationName } from '../network/activations.js';
import { type DeepShape, deepBlocks, deepParameterCount } from '../network/deep.js';
import type { FitJob, Fitted } from '../optimise/fit.js';
import type { LevenbergMarquardtOptions } from '../optimise/levenberg-marquardt.js';
import { type Dataset, type DeepStudent, samplesOf } from '../records.js';
import { type About, fitWith } from './register.js';
import type { Task, Training } from './task.js';

/** One wave of students with several hidden layers. */
export interface DeepWave {
  /** Widths of the hidden layers; the first one gives way to a layer that is known beforehand. */
  readonly widths: readonly number[];
  readonly spread: number;
  /** The spread of the queries that they begin with, where that is a narrower one. */
  readonly from?: number;
  readonly students: number;
  /** Residuals a parameter, where they are not the usual ones. */
  readonly residuals?: number;
}

/**
 * The waves in order. Narrow clouds of inputs make deep targets smoother and easier to follow, wide ones show more
 * of them: tanh networks with three hidden layers reached the floor with a spread of 1 where 2 left 1e-4.
 */
export const deepSchedule: readonly DeepWave[] = [
  { widths: [12, 12], spread: 1.5, students: 4 },
  { widths: [12, 12], spread: 1, students: 4 },
  { widths: [20, 20], spread: 1.5, students: 4 },
  { widths: [12, 12, 12], spread: 1, students: 8 },
  { widths: [16, 12, 12], spread: 0.7, students: 8 },
  { widths: [20, 20, 12], spread: 1, students: 8 },
  { widths: [12, 12, 12], spread: 1.5, students: 8 },
  { widths: [16, 16, 16], spread: 1, students: 8 },
];

/** What deep students imitate, and the loss at which they are at the floor. */
export interface DeepTask {
  /** Scaled samples of a spread: the first `count`. */
  readonly takeSamples: Task['takeSamples'];
  readonly tolerance: number;
}

/** What the deep students of a wave are, beside their widths. */
export interface DeepHypothesis {
  readonly activation: ActivationName;
  /** Slope below zero of leaky ReLU students; 0 where not given. */
  readonly slope?: number;
  readonly skip: boolean;
  /** Incoming vectors (k × (d+1)) that the first layer starts from: then it has no other neurons. */
  readonly first?: Float64Array;
  /** Parameters for the students to begin with, one vector each; random ones where it is missing. */
  readonly starts?: (shape: DeepShape, dataset: Dataset) => Promise<Float64Array[]>;
  /** What differs from `deepDescent`. */
  readonly descent?: Partial<LevenbergMarquardtOptions>;
  /** Makes this wave differ from the others. */
  readonly label: string;
  /** Number of the layers that are known before its inputs. */
  readonly peeled: number;
}

/** A wave's students, lowest loss first, with the samples that they were trained on. */
export interface DeepStudents {
  readonly students: readonly DeepStudent[];
  readonly dataset: Dataset;
}

/** Residuals a parameter, and the fewest samples. */
const samples = { perParameter: 4, least: 300 };

/** How students with several hidden layers descend. */
export const deepDescent = { maxIterations: 300, patience: 40, minDecrease: 0.1 };

/** Samples that students of a shape want, of so many residuals a parameter. */
export function samplesForDeep(
  shape: Omit<DeepShape, 'activation' | 'slope'>,
  residuals = samples.perParameter,
): number {
  const wanted = Math.ceil((residuals * deepParameterCount(shape)) / shape.outputs);
  return Math.max(samples.least, wanted);
}

/** Trains one wave of students with several hidden layers by Levenberg–Marquardt (method.md §7). */
export async function trainDeepWave(
  wave: DeepWave,
  hypothesis: DeepHypothesis,
  { takeSamples, tolerance }: DeepTask,
  training: Training,
): Promise<DeepStudents> {
  const { activation, skip, first, label, peeled } = hypothesis;
  const probe = await takeSamples(wave.spread, samples.least);
  const inputs = probe.inputDimension;
  const known = first && first.length / (inputs + 1);
  const widths = known === undefined ? wave.widths : [known, ...wave.widths.slice(1)];
  const shape = {
    inputs,
    widths,
    outputs: probe.outputDimension,
    activation,
    slope: hypothesis.slope ?? 0,
    skip,
  };
  const dataset = await takeSamples(wave.spread, samplesForDeep(shape, wave.residuals));
  const starts =
    (await hypothesis.starts?.(shape, dataset)) ??
    Array.from({ length: wave.students }, (_, i) =>
      randomDeepParameters(
        shape,
        wave.spread,
        training.register.name(training.seed, 'deep student', label, i),
      ),
    );
  const options = { ...deepDescent, ...hypothesis.descent, tolerance };
  const jobs = starts.map((start): FitJob<DeepShape> => {
    if (first !== undefined) start.set(first);
    return { samples: samplesOf(dataset), shape, method: { kind: 'descend', start, options } };
  });
  const about = (_: number, { loss }: Fitted<DeepShape>): About => ({
    start: first === undefined ? 'random' : 'known',
    peeled,
    spread: wave.spread,
    samples: dataset.count,
    atFloor: loss <= tolerance,
  });
  const students = await fitDeepStudents(jobs, about, wave.spread, training);
  return { students: students.sort((a, b) => a.loss - b.loss), dataset };
}

/** Fits the students of one wave, of `spread` queries. */
export function fitDeepStudents(
  jobs: readonly FitJob<DeepShape>[],
  about: (i: number, fitted: Fitted<DeepShape>) => About,
  spread: number,
  { fitter, register }: Training,
): Promise<DeepStudent[]> {
  const { widths } = jobs[0].shape;
  register.begin({ width: widths[0], widths, spread, students: jobs.length });
  return register.train(jobs, about, fitWith(fitter));
}

/** Standard deviation of a hidden unit's input at a random start. */
const preActivationDeviation = 1.5;

/** Random parameters whose hyperplanes cut the cloud of inputs; skip paths start at 0. */
export function randomDeepParameters(
  shape: DeepShape,
  spread: number,
  labels: readonly (string | number)[],
): Float64Array {
  const random = randomStream(...labels);
  const { inputs, widths } = shape;
  const parameters = new Float64Array(deepParameterCount(shape));
  deepBlocks(shape).forEach(({ at, rows, columns }, layer) => {
    const own = layer === 0 ? inputs : widths[layer - 1]; // what the layer before gives
    const isOutput = layer === widths.length;
    const deviation = isOutput ? 1 / Math.sqrt(own) : preActivationDeviation / Math.sqrt(own + 1);
    for (let j = 0; j < rows; j++) {
      for (let k = 0; k < own; k++) parameters[at + j * columns + k] = deviation * random.normal();
      const bias = deviation * (layer === 0 ? spread : 1) * random.normal();
      if (!isOutput) parameters[at + j * columns + columns - 1] = bias;
    }
  });
  return parameters;
}
