import { InputError } from '../../base/errors.js';

/** Most numbers a value may hold for one input row: far above any multilayer perceptron, far below memory. */
export const largestWidth = 2 ** 20;

/** Most numbers that a constant may grow to when constants are combined. */
const largestConstant = 2 ** 24;

/** Number types of which a network can be. */
export type NumberType = 'float32' | 'float64';

/** A value that does not depend on the input; integers and booleans are kept as numbers too. */
export interface Constant {
  readonly kind: 'constant';
  /** Sizes of the axes; empty for a scalar. */
  readonly shape: readonly number[];
  /** Row-major, product of `shape` entries. */
  readonly data: Float64Array;
  /** Absent for integers and booleans. */
  readonly numberType?: NumberType;
}

/** A value that depends on the input: one row of a register for every query. */
export interface Rows {
  readonly kind: 'rows';
  /** Number of the register that holds it while the program runs. */
  readonly register: number;
  /** Sizes of the axes for one query: an axis that counts the queries is 1. */
  readonly shape: readonly number[];
  /** Absent for integers and booleans. */
  readonly numberType?: NumberType;
}

/** What flows along an edge of the graph: a constant, or one row a query. */
export type Value = Constant | Rows;

/**
 * The number type of what an operator computes from `values`, which the format wants to be of one type: the
 * wider one, of those that depend on the input if there are any.
 */
export function resultType(values: readonly Value[]): NumberType | undefined {
  const rows = values.filter(({ kind }) => kind === 'rows');
  const types = (rows.length > 0 ? rows : values).map(({ numberType }) => numberType);
  return types.includes('float64') ? 'float64' : types.find((type) => type !== undefined);
}

/** A constant that was computed: its entries are rounded to its number type. */
export function computedConstant(
  shape: readonly number[],
  data: Float64Array,
  numberType: NumberType | undefined,
): Constant {
  if (numberType === 'float32') roundToFloat32(data, data.length);
  return { kind: 'constant', shape, data, ...(numberType && { numberType }) };
}

/** Rounds the first `count` entries to float32 numbers, in place. */
export function roundToFloat32(values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) values[i] = Math.fround(values[i]);
}

/** Number of entries of an array with the axes `shape`. */
export const sizeOf = (shape: readonly number[]) => shape.reduce((size, n) => size * n, 1);

/** `(8, 4)`: a shape as messages write it. */
export const describeShape = (shape: readonly number[]) => `(${shape.join(', ')})`;

/** The shape that `a` and `b` broadcast to, aligned at their last axes; throws `InputError` when they do not. */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const p = a[axis - rank + a.length] ?? 1;
    const q = b[axis - rank + b.length] ?? 1;
    if (p !== q && p !== 1 && q !== 1) {
      throw new InputError(`shapes ${describeShape(a)} and ${describeShape(b)} do not fit each other`);
    }
    shape.push(p === 1 ? q : p);
  }
  return shape;
}

/** Returns `shape` when rows of it are not too large; throws `InputError` otherwise. */
export const checkWidth = (shape: readonly number[]) => checkSize(shape, largestWidth);

/** Returns `shape` when a constant of it is not too large; throws `InputError` otherwise. */
export const checkConstant = (shape: readonly number[]) => checkSize(shape, largestConstant);

function checkSize(shape: readonly number[], most: number): readonly number[] {
  if (sizeOf(shape) <= most) return shape;
  throw new InputError(
    `a value of shape ${describeShape(shape)} is too large, expected at most ${most} numbers`,
  );
}

/** For every entry of an array of shape `target`, the index of the entry of `source` that broadcasts to it. */
export function broadcastIndices(source: readonly number[], target: readonly number[]): Int32Array {
  let indices = new Int32Array(1);
  let stride = 1;
  for (let axis = target.length - 1; axis >= 0; axis--) {
    const n = source[axis - target.length + source.length] ?? 1;
    const step = n === 1 ? 0 : stride;
    const wider = new Int32Array(indices.length * target[axis]);
    for (let i = 0; i < target[axis]; i++) {
      for (let j = 0; j < indices.length; j++) wider[i * indices.length + j] = i * step + indices[j];
    }
    indices = wider;
    stride *= n;
  }
  return indices;
}
