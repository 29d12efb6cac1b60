import { extraColumns, type ShallowShape } from '../network/shallow.js';
import { BLOCK, STRIDE } from './blocks.js';
import { panelBytes } from './machine.js';

/** Bytes of one row of a block. */
const rowBytes = 8 * STRIDE;

/** Bytes that a factor of order n and its work space take (`solveScratch` of assembly/cholesky.ts). */
function factorBytes(n: number): number {
  const order = 4 * Math.ceil(n / 4);
  const blocks = Math.ceil(order / BLOCK);
  const columns = blocks * order - (BLOCK * blocks * (blocks - 1)) / 2;
  return rowBytes * columns + 8 * (order * (BLOCK + 1) + BLOCK ** 2);
}

/**
 * Bytes that a problem of `Kernels.matrixFree` takes beside its samples: what its neurons give on all of them, and each
 * neuron's normal matrix and its factor.
 */
export function matrixFreeBytes(shape: ShallowShape, count: number): number {
  const { inputs: d, hidden: m } = shape;
  const width = m + extraColumns(shape);
  const kept = Math.ceil(count / BLOCK) * (width + m + 3) * rowBytes;
  return kept + m * (panelBytes(d + 1) + factorBytes(d + 1)) + panelBytes(width) + factorBytes(width);
}
