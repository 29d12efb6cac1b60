import type { Factorisation } from './kernels.js';
import { type Machine, panelBytes } from './machine.js';

/** Bytes behind vectors that whole vectors may write to. */
const padding = 32;

const vectorBytes = (n: number) => 8 * n + padding;

/** The Cholesky factor of a symmetric matrix in WebAssembly (assembly/cholesky.ts, assembly/inverse.ts). */
export function factorise(machine: Machine, matrix: Float64Array, n: number): Factorisation | undefined {
  const { exports, arena, scratch } = machine;
  const matrixBytes = panelBytes(n);
  // sizes of 2 GiB and more come back negative
  const work = arena.allocate(exports.solveScratch(n) >>> 0);
  const packed = scratch(matrixBytes + 8 * n * n + vectorBytes(n));
  const rows = packed + matrixBytes;
  arena.f64.set(matrix.subarray(0, n * n), rows / 8);
  exports.packPanels(rows, n, packed);
  const release = () => arena.release(work);
  return factored(machine, packed, n, { work, vector: rows + 8 * n * n, release }, (bytes) => scratch(bytes));
}

/**
 * The same of a matrix in panels, with the factor in scratch, where the largest matrices find room: no other kernel may
 * be called before it is disposed of.
 */
export function factoriseInScratch(machine: Machine, panels: number, n: number): Factorisation | undefined {
  const { exports, scratch } = machine;
  const workBytes = exports.solveScratch(n) >>> 0;
  const columns = exports.inverseScratch(n) >>> 0;
  const work = scratch(workBytes + vectorBytes(n) + columns + vectorBytes(n));
  const vector = work + workBytes;
  return factored(machine, panels, n, { work, vector, release() {} }, () => vector);
}

/** A factor at `work`; `room` gives scratch for what is asked of it. */
function factored(
  { exports, arena }: Machine,
  panels: number,
  n: number,
  { work, vector, release }: { readonly work: number; readonly vector: number; readonly release: () => void },
  room: (bytes: number) => number,
): Factorisation | undefined {
  const read = (at: number) => arena.f64.slice(at / 8, at / 8 + n);
  // the solution of nothing: the factor stays
  arena.f64.fill(0, vector / 8, vector / 8 + n);
  let isDefinite = false;
  try {
    isDefinite = exports.solve(panels, n, 0, vector, work) !== 0;
  } finally {
    if (!isDefinite) release();
  }
  if (!isDefinite) return undefined;
  exports.readInverses(n, work, vector);
  const leastPivot = read(vector).reduce((least, value) => Math.min(least, value ** -2), Infinity);
  return {
    leastPivot,
    solve(b) {
      const at = room(vectorBytes(n));
      arena.f64.set(b, at / 8);
      exports.substitute(n, at, work);
      b.set(arena.f64.subarray(at / 8, at / 8 + n));
    },
    inverseDiagonal() {
      const columns = exports.inverseScratch(n) >>> 0;
      const at = room(columns + vectorBytes(n));
      exports.inverseDiagonal(n, work, at, at + columns);
      return read(at + columns);
    },
    dispose: release,
  };
}
