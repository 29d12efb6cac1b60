import { packBlocks, packedBytes } from '../kernels/blocks.js';
import type { FitJob, FitShape } from '../optimise/fit.js';

/**
 * Returns a function that gives a job packed samples, those of all jobs on the same inputs and outputs packed once: into
 * what `allocate` returns, a zeroed buffer of so many bytes.
 */
export function createPacking(allocate: (bytes: number) => ArrayBufferLike) {
  const known = new WeakMap<Float64Array, WeakMap<Float64Array, { count: number; packed: Float64Array }>>();
  return <Shape extends FitShape>(job: FitJob<Shape>): FitJob<Shape> => {
    const { inputs, outputs, count, packed } = job.samples;
    if (packed !== undefined) return job;
    const ofInputs = known.get(inputs) ?? new WeakMap();
    known.set(inputs, ofInputs);
    let entry = ofInputs.get(outputs);
    if (entry?.count !== count) {
      const { shape } = job;
      const to = new Float64Array(allocate(packedBytes('float64', count, shape.inputs, shape.outputs)));
      packBlocks(to, job.samples, shape.inputs, shape.outputs);
      entry = { count, packed: to };
      ofInputs.set(outputs, entry);
    }
    return { ...job, samples: { ...job.samples, packed: entry.packed } };
  };
}
