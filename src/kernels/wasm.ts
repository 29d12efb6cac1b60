import { Arena } from './arena.js';
import type { Kernels } from './kernels.js';
import { type Exports, type Machine, panelBytes, type WindowSizes } from './machine.js';
import { relaxed, simd } from './wasm-binary.generated.js';
import { averageLinkage, pairwiseDistances } from './wasm-clusters.js';
import { deepProblem } from './wasm-deep.js';
import { factorise } from './wasm-factor.js';
import { linkVectors } from './wasm-linkage.js';
import { MatrixFreeProblem } from './wasm-matrix-free.js';
import { explainedByNeurons, neuronOutputs } from './wasm-neurons.js';
import { shallowProblem } from './wasm-shallow.js';
import { SingleProblem } from './wasm-single.js';

const binaries = { relaxed, simd };

/** The bytes of an embedded WebAssembly module. */
export function decodeBinary(name: 'simd' | 'relaxed'): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(binaries[name]), (character) => character.charCodeAt(0));
}

/** Windows of 256 KiB leave room in the second-level cache, where what was copied is read from. */
const defaultWindows: WindowSizes = { resident: 4 << 20, streamed: 256 << 10 };

function startMachine(name: 'simd' | 'relaxed', windowSizes: WindowSizes): Machine {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const abort = () => {
    throw new Error('a kernel aborted');
  };
  const windows: Machine['windows'] = new Map();
  // addresses of 2 GiB and more come as negative numbers
  const fillWindow = (problem: number, first: number) => windows.get(problem >>> 0)?.fill(first);
  const pause = () => machine.check?.();
  const module = new WebAssembly.Module(decodeBinary(name));
  const instance = new WebAssembly.Instance(module, { env: { memory, abort, fillWindow, pause } });
  const exports = instance.exports as unknown as Exports;
  const arena = new Arena(memory, exports.heapBase());
  let scratchAt = 0;
  let scratchBytes = 0;
  const machine: Machine = {
    exports,
    arena,
    check: undefined,
    scratch(bytes) {
      if (bytes > scratchBytes) {
        if (scratchBytes > 0) arena.release(scratchAt);
        scratchBytes = 0;
        scratchAt = arena.allocate(bytes);
        scratchBytes = bytes;
      }
      return scratchAt;
    },
    windowSizes,
    windows,
  };
  return machine;
}

/**
 * The kernels of one build, with a memory of their own. Throws a `WebAssembly.CompileError` when the engine does
 * not know the build's instructions.
 */
export function startKernels(
  name: 'simd' | 'relaxed',
  windowSizes = defaultWindows,
): Kernels & { readonly machine: Machine } {
  const machine = startMachine(name, windowSizes);
  return {
    name,
    machine,
    shallow: (shape, samples) => shallowProblem(machine, shape, samples),
    shallowInFloat32: (shape, samples) => new SingleProblem(machine, shape, samples),
    matrixFree: (shape, samples) => new MatrixFreeProblem(machine, shape, samples),
    deep: (shape, samples) => deepProblem(machine, shape, samples),
    neuronOutputs: (shape, incoming, inputs, count) => neuronOutputs(machine, shape, incoming, inputs, count),
    explainedByNeurons: (shape, incoming, inputs, count, basis, residuals) =>
      explainedByNeurons(machine, shape, incoming, inputs, count, basis, residuals),
    solvePositiveDefinite: (matrix, n, b, x) => solvePositiveDefinite(machine, matrix, n, b, x),
    factorise: (matrix, n) => factorise(machine, matrix, n),
    during(check, work) {
      const { check: outer } = machine;
      machine.check = check;
      try {
        return work();
      } finally {
        machine.check = outer;
      }
    },
    pairwiseDistances: (vectors, count, dimension, metric) =>
      pairwiseDistances(machine, vectors, count, dimension, metric),
    averageLinkage: (distances, count) => averageLinkage(machine, distances, count),
    linkVectors: (vectors, count, dimension, metric, limit = Number.POSITIVE_INFINITY) =>
      linkVectors(machine, vectors, count, dimension, metric, limit),
  };
}

function solvePositiveDefinite(
  { exports, arena, scratch }: Machine,
  matrix: Float64Array,
  n: number,
  b: Float64Array,
  x: Float64Array,
): boolean {
  const matrixBytes = panelBytes(n);
  // sizes of 2 GiB and more come back negative
  const work = Math.max(8 * n * n, exports.solveScratch(n) >>> 0);
  const at = scratch(matrixBytes + work + 8 * (n + 4));
  const workAt = at + matrixBytes;
  const bAt = workAt + work;
  arena.f64.set(n * n === matrix.length ? matrix : matrix.subarray(0, n * n), workAt / 8);
  exports.packPanels(workAt, n, at);
  arena.f64.set(b.length === n ? b : b.subarray(0, n), bAt / 8);
  if (exports.solve(at, n, 0, bAt, workAt) === 0) return false;
  x.set(arena.f64.subarray(bAt / 8, bAt / 8 + n));
  return true;
}
