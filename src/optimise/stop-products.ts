import type { Stop } from '../base/stop.js';
import type { Kernels } from '../kernels/kernels.js';

/**
 * Kernels whose products with JᵀJ `stop` ends: a certificate of a wide network takes thousands of them in a row, with
 * nothing else between them that could ask for the time.
 */
export function stoppableKernels(kernels: Kernels, stop: Stop): Kernels {
  return {
    ...kernels,
    matrixFree(shape, samples) {
      const problem = kernels.matrixFree(shape, samples);
      const multiply = problem.multiply.bind(problem);
      return Object.assign(problem, {
        multiply(vector: Float64Array, to: Float64Array) {
          stop.check();
          multiply(vector, to);
        },
      });
    },
  };
}
