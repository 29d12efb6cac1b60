import { activations } from '../network/activations.js';
import { type ShallowShape, shallowParameterCount, splitParameters } from '../network/shallow.js';
import type { FitJob, Fitted, Fitter } from '../optimise/fit.js';
import { type Dataset, goOn, type Start, type Student, samplesOf } from '../records.js';
import { type Fit, fitWith } from './register.js';
import { randomParameters } from './starts.js';
import type { Training } from './task.js';
import { isWide } from './wide.js';

/** One wave of students: all of one width, on one spread of inputs. */
export interface Wave {
  readonly width: number;
  readonly spread: number;
  /** How every student of the wave starts. */
  readonly starts: readonly Start[];
}

/** What one wave needs to know beside its own description. */
export interface WaveContext {
  readonly shape: Omit<ShallowShape, 'hidden' | 'skip'>;
  /** Whether all students have an affine path. */
  readonly path?: boolean;
  /** Scaled samples of the wave's spread. */
  readonly dataset: Dataset;
  /** A student at or below this loss is at the floor. */
  readonly tolerance: number;
  /** Students that stalled, best first: those that 'continued' students go on from, in turn. */
  readonly stalled: readonly Student[];
}

/**
 * Residuals a parameter. Wide students learn faster from more than determine them: of two ReLU students of width 24
 * with 64 inputs and 10 outputs (2450 parameters) one reached 1e-12 after 200 iterations on 980 samples and the
 * other stalled at 1e-3; on 2500 both reached the floor, after 18 and 30. `most` bounds the samples of the wide ones.
 */
const residuals = { perParameter: 4, wide: 10, most: 2500 };

/** Fewer samples than these make low-dimensional students fit between them. */
const fewestSamples = 300;

/** Samples that a student of width `hidden` is trained on. */
export function samplesForWidth(shape: ShallowShape): number {
  const perResidual = shallowParameterCount(shape) / shape.outputs;
  const wanted = Math.ceil(residuals.perParameter * perResidual);
  const wide = isWide(shape.inputs) ? Math.min(residuals.most, Math.ceil(residuals.wide * perResidual)) : 0;
  return Math.max(fewestSamples, wanted, wide, 8 * (shape.inputs + 1));
}

/**
 * Whether students of this kind get an affine skip path. Even + linear activations need it, so that a
 * mirrored neuron costs nothing (method.md §6). ELU and g are nearly even + linear: growing finds their
 * neurons mirrored first, and the path lets it turn them round; random starts do better without.
 */
export function usesSkip(shape: Pick<ShallowShape, 'activation'>, start: Start): boolean {
  const { symmetry } = activations[shape.activation];
  return symmetry === 'even-linear' || (symmetry === 'none' && start !== 'random');
}

/** Trains one wave of overparameterised students (method.md §3). */
export async function trainWave(
  wave: Wave,
  context: WaveContext,
  { seed, fitter, register }: Training,
): Promise<Student[]> {
  const { width, spread, starts } = wave;
  const { dataset, tolerance } = context;
  const { begun } = register;
  const samples = samplesOf(dataset);
  let continued = 0;
  const jobs = starts.map((start, i): FitJob => {
    const shape = {
      ...context.shape,
      hidden: width,
      skip: context.path === true || usesSkip(context.shape, start),
    };
    const labels = [seed, 'student', shape.activation, begun + i];
    if (start !== 'random') {
      const from = start === 'continued' ? context.stalled[continued++ % context.stalled.length] : undefined;
      const initial = from && { initial: splitParameters(from.shape, from.parameters).incoming.slice() };
      const descend = { maxIterations: 100, patience: 10, tolerance };
      return {
        samples,
        shape,
        method: { kind: 'grow', options: { ...initial, seed: labels, rounds: 3, candidates: 60, descend } },
      };
    }
    const options = { maxIterations: 200, patience: 20, tolerance };
    return {
      samples,
      shape,
      method: { kind: 'descend', start: randomParameters(shape, spread, labels), options },
    };
  });
  register.begin({ width, spread, students: starts.length });
  const about = (i: number, { loss }: Fitted) => ({
    start: starts[i],
    spread,
    samples: dataset.count,
    atFloor: loss <= tolerance,
  });
  const inStages: Fit<ShallowShape> = (own, onDone) => fitInStages(own, tolerance, fitter, onDone);
  return register.train(jobs, about, isWide(context.shape.inputs) ? inStages : fitWith(fitter));
}

/** Iterations after which a wide wave ends when one of its students is at the floor. */
const firstStage = 60;

/**
 * Descents of wide students in two stages. Who gets to the floor mostly does in the first; without stages, one that
 * is far from it takes three times as long, and the search waits for nothing else.
 */
async function fitInStages(
  jobs: readonly FitJob[],
  tolerance: number,
  fitter: Fitter,
  onDone: (index: number, fitted: Fitted) => void,
): Promise<Fitted[]> {
  const fitted = await fitter.fit(jobs.map((job) => limited(job, firstStage)));
  const isOver = fitted.some(({ loss }) => loss <= tolerance);
  const going = jobs.flatMap((_, i) => (!isOver && fitted[i].reason === 'max-iterations' ? [i] : []));
  const later = await fitter.fit(going.map((i) => continuedJob(jobs[i], fitted[i])));
  going.forEach((i, at) => {
    fitted[i] = goOn(fitted[i], later[at]);
  });
  for (const [i, result] of fitted.entries()) onDone(i, result);
  return fitted;
}

function limited(job: FitJob, maxIterations: number): FitJob {
  if (job.method.kind !== 'descend') return job;
  return { ...job, method: { ...job.method, options: { ...job.method.options, maxIterations } } };
}

function continuedJob(job: FitJob, { parameters: start }: Fitted): FitJob {
  if (job.method.kind !== 'descend') return job;
  return {
    ...job,
    method: { ...job.method, start, options: { ...job.method.options, initialDamping: 1e-5 } },
  };
}
