import { checkMemory, type Memory, MemoryShort } from '../base/memory.js';
import { matrixFreeBytes } from '../kernels/matrix-free-bytes.js';
import { parameterCountOf, widthsOf } from '../network/shape.js';
import { type FitJob, type FitShape, type Fitter, isMatrixFree } from './fit.js';

/** Bytes of the normal equations a squared parameter: half of the matrix, and nearly twice as much to solve them. */
const bytesASquare = 11;

/** Bytes that the kernels can address, on every thread. */
const largest = 2 ** 32;

/** Bytes that a thread needs to train a network of a shape on `count` samples, beside those. */
export function trainingBytes(shape: FitShape, count: number): number {
  if (!('widths' in shape) && isMatrixFree(shape)) return matrixFreeBytes(shape, count);
  return bytesASquare * parameterCountOf(shape) ** 2;
}

/**
 * A fitter that throws `MemoryShort` before jobs that need more memory than there is. What earlier jobs have taken is
 * used again, so only more than that is looked for.
 */
export function withinMemory(fitter: Fitter, memory: Memory | undefined): Fitter {
  let taken = 0;
  return {
    async fit(jobs, onDone, stop) {
      if (jobs.length > 0) {
        const each = Math.max(...jobs.map(bytesOf));
        if (each > largest) throw new MemoryShort(`students of ${sizeOf(jobs)}`, each, largest);
        const atOnce = Math.min(jobs.length, memory?.threads ?? 1);
        const needed = each * atOnce;
        checkMemory(memory, `${atOnce} students at a time of ${sizeOf(jobs)}`, needed - taken);
        taken = Math.max(taken, needed);
      }
      return await fitter.fit(jobs, onDone, stop);
    },
  };
}

const bytesOf = ({ shape, samples }: FitJob<FitShape>) => trainingBytes(shape, samples.count);

function sizeOf(jobs: readonly FitJob<FitShape>[]): string {
  const { shape } = jobs.reduce((a, b) => (bytesOf(b) > bytesOf(a) ? b : a));
  return `${shape.inputs} inputs and ${widthsOf(shape).join('-')} neurons`;
}
