import { InputError } from '../../base/errors.js';
import type { ProgramBuilder } from './builder.js';
import { applyBinary, checkNumbers } from './elementwise.js';
import type { Attributes } from './node-view.js';
import { fromStart, isCounted } from './shapes.js';
import { computedConstant, type NumberType, sizeOf, type Value } from './values.js';

/** The entries of a value in groups: those of a group differ in the chosen axes alone. */
interface Groups {
  readonly count: number;
  /** Entries of one group. */
  readonly size: number;
  /** For every group, one after the other, the places of its entries. */
  readonly places: Int32Array;
}

function groupsOf(shape: readonly number[], axes: readonly number[]): Groups {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  let places = new Int32Array(1);
  const order = [...shape.keys()].sort(
    (a, b) => Number(axes.includes(a)) - Number(axes.includes(b)) || a - b,
  );
  for (const axis of order.toReversed()) {
    const wider = new Int32Array(places.length * shape[axis]);
    for (let i = 0; i < shape[axis]; i++) {
      for (let j = 0; j < places.length; j++) wider[i * places.length + j] = i * strides[axis] + places[j];
    }
    places = wider;
  }
  const size = sizeOf(axes.map((axis) => shape[axis]));
  return { count: size === 0 ? 0 : places.length / size, size, places };
}

/** A function of the entries of a group: reads `size` of them from `values` and leaves its results there. */
type Rule = (values: Float64Array) => void;

/** A value of the same shape: every group of entries is replaced by what `rule` makes of it. */
function mapGroups(builder: ProgramBuilder, x: Value, axes: readonly number[], rule: Rule): Value {
  checkAxes(builder, x, axes);
  const { count, size, places } = groupsOf(x.shape, axes);
  const values = new Float64Array(size);
  return applyRows(builder, x, x.shape, x.numberType, (source, target) => {
    for (let group = 0; group < count; group++) {
      for (let i = 0; i < size; i++) values[i] = source[places[group * size + i]];
      rule(values);
      for (let i = 0; i < size; i++) target[places[group * size + i]] = values[i];
    }
  });
}

/** One number a group; the axes are dropped or left with size 1. */
function reduceGroups(
  builder: ProgramBuilder,
  x: Value,
  axes: readonly number[],
  keepsAxes: boolean,
  rule: (values: Float64Array) => number,
): Value {
  checkAxes(builder, x, axes);
  const { count, size, places } = groupsOf(x.shape, axes);
  if (size === 0) throw new InputError('reduces no entries');
  const values = new Float64Array(size);
  const shape = x.shape
    .map((n, axis) => (axes.includes(axis) ? 1 : n))
    .filter((_, axis) => keepsAxes || !axes.includes(axis));
  return applyRows(builder, x, shape, x.numberType, (source, target) => {
    for (let group = 0; group < count; group++) {
      for (let i = 0; i < size; i++) values[i] = source[places[group * size + i]];
      target[group] = rule(values);
    }
  });
}

function checkAxes(builder: ProgramBuilder, x: Value, axes: readonly number[]): void {
  checkNumbers(x);
  if (isCounted(builder, x)) for (const axis of axes) builder.checkAxis(axis);
}

/** A function from one row to one row, of a constant or of every row of a register. */
function applyRows(
  builder: ProgramBuilder,
  x: Value,
  shape: readonly number[],
  numberType: NumberType | undefined,
  run: (source: Float64Array, target: Float64Array) => void,
): Value {
  const [from, to] = [sizeOf(x.shape), sizeOf(shape)];
  if (x.kind === 'constant') {
    const data = new Float64Array(to);
    run(x.data, data);
    return computedConstant(shape, data, numberType);
  }
  return builder.rowwise([x], shape, numberType, ([source], target, rows) => {
    for (let row = 0; row < rows; row++) {
      run(source.subarray(row * from, (row + 1) * from), target.subarray(row * to, (row + 1) * to));
    }
  });
}

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
const largest = (values: Float64Array) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
const smallest = (values: Float64Array) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const sumOfSquares = (values: Float64Array) => values.reduce((total, value) => total + value * value, 0);
const sumOfSizes = (values: Float64Array) => values.reduce((total, value) => total + Math.abs(value), 0);

function logOfSumOfExponentials(values: Float64Array): number {
  const top = largest(values);
  if (!Number.isFinite(top)) return top;
  return top + Math.log(values.reduce((total, value) => total + Math.exp(value - top), 0));
}

/** The reductions to one number. */
const reductions: Readonly<Record<string, (values: Float64Array) => number>> = {
  ReduceMean: (values) => sum(values) / values.length,
  ReduceSum: sum,
  ReduceMax: largest,
  ReduceMin: smallest,
  ReduceProd: (values) => values.reduce((product, value) => product * value, 1),
  ReduceL1: sumOfSizes,
  ReduceL2: (values) => Math.sqrt(sumOfSquares(values)),
  ReduceSumSquare: sumOfSquares,
  ReduceLogSum: (values) => Math.log(sum(values)),
  ReduceLogSumExp: logOfSumOfExponentials,
};

/** Names of the reductions. */
export const reductionNames: readonly string[] = Object.keys(reductions);

/** ReduceMean and its kin: along `axes`, or along all of them when there are none. */
export function applyReduction(
  builder: ProgramBuilder,
  name: string,
  attributes: Attributes,
  x: Value,
  axes: readonly number[] | undefined,
): Value {
  const rank = x.shape.length;
  const none = axes === undefined || axes.length === 0;
  if (none && attributes.integer('noop_with_empty_axes', 0) !== 0) return x;
  const chosen = none ? [...x.shape.keys()] : fromStart(axes, rank);
  return reduceGroups(builder, x, chosen, attributes.integer('keepdims', 1) !== 0, reductions[name]);
}

/** ArgMax and ArgMin: the place of the largest or the smallest entry along one axis, the first or last of equal ones. */
export function applyArgument(
  builder: ProgramBuilder,
  name: 'ArgMax' | 'ArgMin',
  attributes: Attributes,
  x: Value,
): Value {
  const axes = fromStart([attributes.integer('axis', 0)], x.shape.length);
  const takesLast = attributes.integer('select_last_index', 0) !== 0;
  const best = name === 'ArgMax' ? largest : smallest;
  const rule = (values: Float64Array) => {
    const value = best(values);
    return takesLast ? values.lastIndexOf(value) : values.indexOf(value);
  };
  return withoutType(reduceGroups(builder, x, axes, attributes.integer('keepdims', 1) !== 0, rule));
}

/** Places are integers: their type is left out. */
function withoutType({ numberType: _, ...value }: Value): Value {
  return value;
}

/** Softmax and LogSoftmax: along one axis, before operator set 13 along it and all that follow. */
export function applySoftmax(
  builder: ProgramBuilder,
  name: 'Softmax' | 'LogSoftmax',
  attributes: Attributes,
  x: Value,
): Value {
  const rank = x.shape.length;
  const isOld = builder.operatorSet < 13;
  const [axis] = fromStart([attributes.integer('axis', isOld ? 1 : -1)], rank);
  const axes = isOld ? [...x.shape.keys()].slice(axis) : [axis];
  return mapGroups(builder, x, axes, (values) => {
    const top = largest(values);
    if (name === 'LogSoftmax') {
      const shift = logOfSumOfExponentials(values.map((value) => value - top));
      for (let i = 0; i < values.length; i++) values[i] = values[i] - top - shift;
      return;
    }
    for (let i = 0; i < values.length; i++) values[i] = Math.exp(values[i] - top);
    const total = sum(values);
    for (let i = 0; i < values.length; i++) values[i] /= total;
  });
}

/** LayerNormalization and RMSNormalization: over the axes from `axis` on, then scaled and shifted. */
export function applyNormalization(
  builder: ProgramBuilder,
  attributes: Attributes,
  x: Value,
  scale: Value,
  shift: Value | undefined,
  isCentred: boolean,
): Value {
  const [axis] = fromStart([attributes.integer('axis', -1)], x.shape.length);
  const epsilon = attributes.float('epsilon', Math.fround(1e-5));
  const normal = mapGroups(builder, x, [...x.shape.keys()].slice(axis), (values) => {
    const mean = isCentred ? sum(values) / values.length : 0;
    for (let i = 0; i < values.length; i++) values[i] -= mean;
    const root = Math.sqrt(sumOfSquares(values) / values.length + epsilon);
    for (let i = 0; i < values.length; i++) values[i] /= root;
  });
  const scaled = applyBinary(builder, 'Mul', normal, scale);
  return shift === undefined ? scaled : applyBinary(builder, 'Add', scaled, shift);
}

/** LpNormalization, and the Normalizer of ai.onnx.ml: entries divided by their norm, which is 1 where it is 0. */
export function applyNorm(builder: ProgramBuilder, x: Value, axis: number, norm: 'MAX' | 'L1' | 'L2'): Value {
  const size = {
    MAX: largest,
    L1: sumOfSizes,
    L2: (values: Float64Array) => Math.sqrt(sumOfSquares(values)),
  };
  return mapGroups(builder, x, fromStart([axis], x.shape.length), (values) => {
    const divisor = size[norm](values) || 1;
    for (let i = 0; i < values.length; i++) values[i] /= divisor;
  });
}
