import type { Stop } from '../base/stop.js';
import type { Factorisation, Kernels } from '../kernels/kernels.js';

/**
 * Kernels whose products with JᵀJ `stop` ends, and whose factors between two of their blocks: a certificate of a wide
 * network takes thousands of products in a row, or one factor that takes minutes, with nothing else between them that
 * could ask for the time.
 */
export function stoppableKernels(kernels: Kernels, stop: Stop): Kernels {
  const during = <T>(work: () => T) => kernels.during(() => stop.check(), work);
  const stoppableFactor = (factor: Factorisation | undefined) =>
    factor && { ...factor, inverseDiagonal: () => during(() => factor.inverseDiagonal()) };
  return {
    ...kernels,
    factorise: (matrix, n) => stoppableFactor(during(() => kernels.factorise(matrix, n))),
    shallow(shape, samples) {
      const problem = kernels.shallow(shape, samples);
      const linearise = problem.linearise.bind(problem);
      const factorise = problem.factoriseScaled.bind(problem);
      return Object.assign(problem, {
        linearise: (...given: Parameters<typeof linearise>) => during(() => linearise(...given)),
        factoriseScaled: (scale: Float64Array) => stoppableFactor(during(() => factorise(scale))),
      });
    },
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
