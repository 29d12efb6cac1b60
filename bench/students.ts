import { randomParameters } from '../src/expand/starts.js';
import type { FitJob } from '../src/optimise/fit.js';
import type { LevenbergMarquardtOptions } from '../src/optimise/levenberg-marquardt.js';
import { spread } from './samples.js';

/** Students of one size on the same samples, as jobs: so many of them, and how they descend. */
export function studentsOf({
  inputs,
  hidden,
  count,
}: {
  readonly inputs: number;
  readonly hidden: number;
  readonly count: number;
}): (number: number, options: Partial<LevenbergMarquardtOptions>) => FitJob[] {
  const shape = { inputs, hidden, outputs: 1, activation: 'tanh', slope: 0.01, skip: false } as const;
  const samples = {
    inputs: spread(count * inputs, 2).map((x) => 2 * x),
    outputs: spread(count, 3),
    count,
  };
  return (number, options) =>
    Array.from({ length: number }, (_, student) => ({
      samples,
      shape,
      method: { kind: 'descend', start: randomParameters(shape, 1, ['bench', student]), options },
    }));
}
