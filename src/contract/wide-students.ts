import {
  type DeepHypothesis,
  type DeepStudents,
  type DeepTask,
  type DeepWave,
  deepDescent,
  randomDeepParameters,
  trainDeepWave,
} from '../expand/deep-students.js';
import type { Training } from '../expand/task.js';
import type { ActivationName } from '../network/activations.js';
import { type DeepShape, deepBlocks } from '../network/deep.js';
import { isSmooth } from '../network/families.js';
import { descend } from '../polish/polish-deep.js';
import type { Dataset } from '../records.js';

/** What wide students are, beside their widths. */
export type WideHypothesis = Pick<DeepHypothesis, 'activation' | 'label' | 'descent'>;

/**
 * ReLU students begin as softplus ones, so many times as steep as others: between the bends of ReLU a descent has no
 * slope to follow. On two hidden layers (deep suite, seeds 1 to 3, float32) ReLU students of 14-14 and 20-20 stalled
 * between 2e-3 and 3e-6; of 16-16 that came from softplus the best of two or three was at 1e-10, 1e-14 and 3e-7.
 */
const through: Partial<Record<ActivationName, { readonly activation: ActivationName; steepness: number }>> = {
  relu: { activation: 'softplus', steepness: 3 },
};

/** Trains one wave of students that are wider than the target in every layer, to be contracted afterwards. */
export function trainWide(
  wave: DeepWave,
  hypothesis: WideHypothesis,
  task: DeepTask,
  training: Training,
): Promise<DeepStudents> {
  const starts = (shape: DeepShape, dataset: Dataset) =>
    startsOf(wave, shape, dataset, { ...hypothesis, ...task, ...training });
  const descent = { ...hypothesis.descent, acceleration: isSmooth(hypothesis.activation) };
  return trainDeepWave(wave, { ...hypothesis, descent, skip: false, peeled: 0, starts }, task, training);
}

async function startsOf(
  { students, spread }: DeepWave,
  shape: DeepShape,
  dataset: Dataset,
  { seed, register, label, fitter, tolerance, descent }: WideHypothesis & DeepTask & Training,
): Promise<Float64Array[]> {
  const first = through[shape.activation];
  const starts = Array.from({ length: students }, (_, i) => {
    const random = randomDeepParameters(shape, spread, register.name(seed, 'wide student', label, i));
    return steepened(shape, random, first?.steepness ?? 1);
  });
  if (first === undefined) return starts;
  const softer = { ...shape, activation: first.activation };
  const options = { ...deepDescent, ...descent, tolerance };
  const fitted = await fitter.fit(starts.map((start) => descend(softer, start, dataset, options)));
  return fitted.map(({ parameters }) => parameters);
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
