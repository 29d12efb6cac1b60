import { type Numbers, packBlocks, packedBytes } from '../kernels/blocks.js';
import type { Precision } from '../kernels/kernels.js';
import type { FitJob, FitShape } from '../optimise/fit.js';

/**
 * Returns a function that gives a job packed samples, those of all jobs on the same inputs and outputs packed once: into
 * what `allocate` returns, a zeroed buffer of so many bytes.
 */
export function createPacking(allocate: (bytes: number) => ArrayBufferLike) {
  type Entries = WeakMap<Float64Array, WeakMap<Float64Array, { count: number; packed: Numbers }>>;
  const knownIn: Record<Precision, Entries> = { float64: new WeakMap(), float32: new WeakMap() };
  return <Shape extends FitShape>(job: FitJob<Shape>): FitJob<Shape> => {
    const { inputs, outputs, count, packed } = job.samples;
    if (packed !== undefined) return job;
    const precision = job.method.kind === 'adam' ? 'float32' : 'float64';
    const known = knownIn[precision];
    const ofInputs = known.get(inputs) ?? new WeakMap();
    known.set(inputs, ofInputs);
    let entry = ofInputs.get(outputs);
    if (entry?.count !== count) {
      const { shape } = job;
      const room = allocate(packedBytes(precision, count, shape.inputs, shape.outputs));
      const to = precision === 'float32' ? new Float32Array(room) : new Float64Array(room);
      packBlocks(to, job.samples, shape.inputs, shape.outputs);
      entry = { count, packed: to };
      ofInputs.set(outputs, entry);
    }
    return { ...job, samples: { ...job.samples, packed: entry.packed } };
  };
}
