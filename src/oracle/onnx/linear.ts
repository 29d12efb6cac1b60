import { firstNonFinite } from '../../base/checks.js';
import { InputError } from '../../base/errors.js';
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
    return linear(builder, a, scaled, bias, inputs);
  }
  const left = matrix(a, transposeA);
  const product = multiply(left, { ...weights, data: scaled });
  const added = c && broadcast(c, product.shape);
  const data = product.data.map((value, i) => value + (added ? beta * added[i] : 0));
  return computedConstant(product.shape, data, resultType(c ? [a, b, c] : [a, b]));
}

/** MatMul of rows with a constant matrix, or with a constant vector; or of two constant matrices. */
export function applyMatMul(builder: ProgramBuilder, a: Value, b: Value): Value {
  if (b.kind === 'rows')
    throw new InputError('multiplies by a value that depends on the input, expected constant weights');
  if (a.kind === 'constant') {
    const { shape, data } = multiply(a, matrix(b, true));
    return computedConstant(shape, data, resultType([a, b]));
  }
  const vector = b.shape.length === 1;
  const weights = vector ? { ...b, shape: [1, b.shape[0]] } : matrix(b, true);
  const [outputs, inputs] = weights.shape;
  const result = linear(builder, a, weights.data, new Float64Array(outputs), inputs);
  return vector ? { ...result, tail: [] } : result;
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
  if (x.kind === 'constant' || x.tail.length !== 1) throw new InputError('takes (batch, features)');
  const epsilon = attributes.float('epsilon', Math.fround(1e-5));
  const root = variance.data.map((value) => Math.sqrt(value + epsilon));
  const factor = applyBinary(builder, 'Div', scale, { ...variance, data: root });
  const centred = applyBinary(builder, 'Sub', x, mean);
  return applyBinary(builder, 'Add', applyBinary(builder, 'Mul', centred, factor), shift);
}

function linear(
  builder: ProgramBuilder,
  x: Rows,
  weights: Float64Array,
  biases: Float64Array,
  inputs: number,
): Rows {
  if (x.tail.length !== 1 || x.tail[0] !== inputs) {
    throw new InputError(`takes (batch, ${inputs}), got (${['batch', ...x.tail].join(', ')})`);
  }
  if (biases.length === 0) throw new InputError('has no outputs');
  const place = [weights, biases].findIndex((values) => firstNonFinite(values) >= 0);
  if (place >= 0) throw new InputError(`has a ${['weight', 'bias'][place]} that is not finite`);
  return builder.linear(x, weights, biases);
}

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
