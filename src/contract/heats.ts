import type { DeepStudents, DeepWave } from '../expand/deep-students.js';
import { descendFurther } from '../expand/descend-further.js';
import type { Task, Training } from '../expand/task.js';
import { isSmooth } from '../network/families.js';

/**
 * Students of which more begin than go on: after the first iterations those of one wave differ by up to a factor of 1e5
 * (tanh 5-8-4-7-2: 9.5e-9 and 7.2e-4), and the descents to the end take four times as long.
 */
export const heat = { students: 4, goOn: 2 };

/** Iterations of those that go on, on the queries that they began with and, where those are narrower, on the wave's. */
const iterations = { alone: 240, narrow: 150, wide: 150 };

/** How students go on. */
export const patience = { patience: 40, minDecrease: 0.1 };

/**
 * Students of a wave that descend briefly, of which the best go on to the end; where the wave begins with narrower queries,
 * on those first and then on its own. On narrow clouds a deep target is smooth: of tanh 4-7-6-7-2 in float32 students of
 * 12-12-12 came to 2e-4 … 1e-3 of the variance in 60 iterations with a spread of 1, and to 4e-6 … 9e-6 with 0.5, from
 * where one went on to 4.5e-8 with 1 and contracted to the target's widths.
 */
export async function runHeat(
  wave: DeepWave,
  begin: (wave: DeepWave) => Promise<DeepStudents>,
  task: Task,
  training: Training,
): Promise<DeepStudents> {
  const { from = wave.spread } = wave;
  return goFurther(wave, await begin({ ...wave, spread: from }), task, training);
}

/** The best students of a wave after the rest of their descent. */
export async function goFurther(
  { spread, from = spread }: DeepWave,
  { students, dataset }: DeepStudents,
  { takeSamples, tolerances }: Task,
  { fitter, register }: Training,
): Promise<DeepStudents> {
  const acceleration = isSmooth(students[0].shape.activation);
  const options = { ...patience, acceleration, tolerance: tolerances.training };
  const isNarrow = from !== spread;
  const first = { ...options, maxIterations: isNarrow ? iterations.narrow : iterations.alone };
  let gone = await descendFurther(students.slice(0, heat.goOn), dataset, first, fitter);
  let samples = dataset;
  if (isNarrow) {
    samples = await takeSamples(spread, dataset.count);
    const wider = gone.map((student) => ({ ...student, spread }));
    gone = await descendFurther(wider, samples, { ...options, maxIterations: iterations.wide }, fitter);
  }
  register.replace(gone);
  return { students: [...gone].sort((a, b) => a.loss - b.loss), dataset: samples };
}
