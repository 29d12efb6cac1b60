import { firstNonFinite } from '../../base/checks.js';
import { InputError } from '../../base/errors.js';
import { applyAffine } from '../../network/affine.js';
import type { ProgramBuilder } from './builder.js';
import { applyBinary } from './elementwise.js';
import type { Attributes } from './node-view.js';
import {
  broadcastIndices,
  broadcastShapes,
  type Constant,
  checkConstant,
  computedConstant,
  describeShape,
  type Rows,
  resultType,
  sizeOf,
  type Value,
} from './values.js';

/** Gemm: alpha·A·B + beta·C, A and B transposed when transA and transB say so. */
export function applyGemm(
  builder: ProgramBuilder,
  attributes: Attributes,
  a: Value,
  b: Value,
  c: Value | undefined,
): Value {
  const alpha = attributes.float('alpha', 1);
  const beta = attributes.float('beta', 1);
  const transposeA = attributes.integer('transA', 0) !== 0;
  const transposeB = attributes.integer('transB', 0) !== 0;
  if (b.kind === 'rows' || (a.kind === 'rows' && transposeA)) {
    throw new InputError('mixes the rows of a batch, expected input × weights');
  }
  if (c?.kind === 'rows')
    throw new InputError('adds a value that depends on the input, expected a constant bias');
  const weights = matrix(b, !transposeB); // outputs × inputs
  const scaled = weights.data.map((value) => value * alpha);
  const [outputs, inputs] = weights.shape;
  if (a.kind === 'rows') {
    const bias = c ? broadcast(c, [1, outputs]).map((value) => value * beta) : new Float64Array(outputs);
    if (a.shape.length !== 2) throw mismatch(builder, a, inputs);
    return linear(builder, a, scaled, bias);
  }
  const left = matrix(a, transposeA);
  const product = multiply(left, { ...weights, data: scaled });
  const added = c && broadcast(c, product.shape);
  const data = product.data.map((value, i) => value + (added ? beta * added[i] : 0));
  return computedConstant(product.shape, data, resultType(c ? [a, b, c] : [a, b]));
}

/** MatMul of rows with a constant matrix or vector, of a constant matrix with rows, or of two constant matrices. */
export function applyMatMul(builder: ProgramBuilder, a: Value, b: Value): Value {
  if (b.kind === 'rows') {
    if (a.kind === 'rows')
      throw new InputError('multiplies by a value that depends on the input, expected constant weights');
    return matrixTimesRows(builder, a, b);
  }
  if (a.kind === 'constant') {
    const { shape, data } = multiply(a, matrix(b, true));
    return computedConstant(shape, data, resultType([a, b]));
  }
  const vector = b.shape.length === 1;
  const weights = vector ? { ...b, shape: [1, b.shape[0]] } : matrix(b, true);
  const result = linear(builder, a, weights.data, new Float64Array(weights.shape[0]));
  return vector ? { ...result, shape: result.shape.slice(0, -1) } : result;
}

/** W·x with a column or a vector x, as networks are written by hand. */
function matrixTimesRows(builder: ProgramBuilder, a: Constant, x: Rows): Rows {
  const { shape } = x;
  const isColumn = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (builder.batch.counted || !isColumn || a.shape.length !== 2 || a.shape[1] !== shape[0]) {
    throw new InputError(
      `multiplies constants of shape ${describeShape(a.shape)} by ${builder.describe(x)}, expected a column`,
    );
  }
  const flat = linear(builder, { ...x, shape: [shape[0]] }, a.data, new Float64Array(a.shape[0]));
  return { ...flat, shape: shape.length === 1 ? flat.shape : [a.shape[0], 1] };
}

/** BatchNormalization after training: (x − mean)·scale/√(variance + epsilon) + shift, feature by feature. */
export function applyBatchNormalization(
  builder: ProgramBuilder,
  attributes: Attributes,
  x: Value,
  scale: Constant,
  shift: Constant,
  mean: Constant,
  variance: Constant,
): Value {
  if (attributes.integer('training_mode', 0) !== 0)
    throw new InputError('is in training mode, expected inference');
  if (x.kind === 'constant' || x.shape.length !== 2) throw new InputError('takes (batch, features)');
  const epsilon = attributes.float('epsilon', Math.fround(1e-5));
  const root = variance.data.map((value) => Math.sqrt(value + epsilon));
  const factor = applyBinary(builder, 'Div', scale, { ...variance, data: root });
  const centred = applyBinary(builder, 'Sub', x, mean);
  return applyBinary(builder, 'Add', applyBinary(builder, 'Mul', centred, factor), shift);
}

/** x·Wᵀ + b along the last axis of x; there is one entry of `biases` for each of the outputs. */
function linear(builder: ProgramBuilder, x: Rows, weights: Float64Array, biases: Float64Array): Rows {
  const outputs = biases.length;
  const inputs = weights.length / outputs;
  if (outputs === 0) throw new InputError('has no outputs');
  if (x.shape.at(-1) !== inputs || (builder.batch.counted && x.shape.length < 2))
    throw mismatch(builder, x, inputs);
  const place = [weights, biases].findIndex((values) => firstNonFinite(values) >= 0);
  if (place >= 0) throw new InputError(`has a ${['weight', 'bias'][place]} that is not finite`);
  const shape = [...x.shape.slice(0, -1), outputs];
  const times = sizeOf(x.shape) / inputs;
  if (times === 1) return builder.linear(x, weights, biases, shape);
  return builder.rowwise([x], shape, x.numberType, ([source], target, rows) => {
    applyAffine(weights, biases, source, target, rows * times);
  });
}

const mismatch = (builder: ProgramBuilder, x: Rows, inputs: number) =>
  new InputError(`takes (batch, ${inputs}), got ${builder.describe(x)}`);

/** A constant as a matrix, transposed when asked. */
function matrix(value: Constant, transposed: boolean): Constant {
  if (value.shape.length !== 2) {
    throw new InputError(`takes weights of two axes, got shape ${describeShape(value.shape)}`);
  }
  return transposed ? transpose(value) : value;
}

/** Transposes a constant matrix. */
export function transpose(matrix: Constant): Constant {
  const {
    shape: [rows, columns],
    data,
  } = matrix;
  const result = new Float64Array(data.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) result[c * rows + r] = data[r * columns + c];
  }
  return { ...matrix, shape: [columns, rows], data: result };
}

/** A·Bᵀ of constant matrices. */
function multiply(a: Constant, b: Constant): Constant {
  if (a.shape.length !== 2 || a.shape[1] !== b.shape[1]) {
    throw new InputError(
      `cannot multiply ${describeShape(a.shape)} by ${describeShape([...b.shape].reverse())}`,
    );
  }
  const [rows, inner] = a.shape;
  const columns = b.shape[0];
  const shape = checkConstant([rows, columns]);
  const data = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let i = 0; i < inner; i++) sum += a.data[r * inner + i] * b.data[c * inner + i];
      data[r * columns + c] = sum;
    }
  }
  return { kind: 'constant', shape, data };
}

/** A constant broadcast to `shape`, as C of Gemm is. */
function broadcast(value: Constant, shape: readonly number[]): Float64Array {
  const full = broadcastShapes(value.shape, shape);
  if (full.length !== shape.length || full.some((n, axis) => n !== shape[axis])) {
    throw new InputError(`adds a constant of shape ${describeShape(value.shape)} to ${describeShape(shape)}`);
  }
  return Float64Array.from(broadcastIndices(value.shape, shape), (index) => value.data[index]);
}
