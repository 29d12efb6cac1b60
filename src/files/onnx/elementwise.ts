import { InputError } from '../../base/errors.js';
import { activations } from '../../network/activations.js';
import { erf } from '../../network/error-function.js';
import type { ProgramBuilder } from './builder.js';
import type { Attributes } from './node-view.js';
import type { ElementwiseStep } from './program.js';
import {
  broadcastIndices,
  broadcastShapes,
  type Constant,
  checkConstant,
  checkWidth,
  computedConstant,
  describeShape,
  type NumberType,
  type Rows,
  resultType,
  sizeOf,
  type Value,
} from './values.js';

type Unary = (x: number) => number;
type Binary = (a: number, b: number) => number;

const sigmoid: Unary = (x) => activations.sigmoid.value(x, 0);
const softplus: Unary = (x) => activations.softplus.value(x, 0);
const geluTanh: Unary = (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/**
 * The number that an attribute stands for: attributes are float32, and a float64 model that holds the nearest one to
 * `meant` was written with `meant`. ONNX Runtime has no float64 kernels of these operators that would decide otherwise.
 */
const meantBy = (value: number, meant: number, type: NumberType | undefined) =>
  type === 'float64' && value === Math.fround(meant) ? meant : value;

/** The nearest integer; halves go to the even one, as the format wants. */
function roundToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest === 0.5) return below % 2 === 0 ? below : below + 1;
  return rest < 0.5 ? below : below + 1;
}

/** Functions of one value; those with parameters read them from the node's attributes, which are float32. */
export const unaryFunctions: Readonly<Record<string, (attributes: Attributes, type?: NumberType) => Unary>> =
  {
    Neg: () => (x) => -x,
    Abs: () => Math.abs,
    Sign: () => Math.sign,
    Exp: () => Math.exp,
    Log: () => Math.log,
    Sqrt: () => Math.sqrt,
    Reciprocal: () => (x) => 1 / x,
    Sin: () => Math.sin,
    Cos: () => Math.cos,
    Tan: () => Math.tan,
    Asin: () => Math.asin,
    Acos: () => Math.acos,
    Atan: () => Math.atan,
    Sinh: () => Math.sinh,
    Cosh: () => Math.cosh,
    Asinh: () => Math.asinh,
    Acosh: () => Math.acosh,
    Atanh: () => Math.atanh,
    Floor: () => Math.floor,
    Ceil: () => Math.ceil,
    Round: () => roundToEven,
    Not: () => (x) => Number(x === 0),
    Erf: () => erf,
    Tanh: () => Math.tanh,
    Sigmoid: () => sigmoid,
    Softplus: () => softplus,
    Softsign: () => (x) => x / (1 + Math.abs(x)),
    Relu: () => (x) => Math.max(x, 0),
    LeakyRelu: (attributes) => {
      const alpha = attributes.float('alpha', Math.fround(0.01));
      return (x) => (x < 0 ? alpha * x : x);
    },
    Elu: (attributes) => {
      const alpha = attributes.float('alpha', 1);
      return (x) => (x < 0 ? alpha * Math.expm1(x) : x);
    },
    Celu: (attributes) => {
      const alpha = attributes.float('alpha', 1);
      return (x) => Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha));
    },
    Selu: (attributes, type) => {
      const [meantAlpha, meantGamma] = [1.6732632423543772, 1.0507009873554805];
      const alpha = meantBy(attributes.float('alpha', Math.fround(meantAlpha)), meantAlpha, type);
      const gamma = meantBy(attributes.float('gamma', Math.fround(meantGamma)), meantGamma, type);
      return (x) => gamma * (x > 0 ? x : alpha * Math.expm1(x));
    },
    Swish: (attributes) => {
      const alpha = attributes.float('alpha', 1);
      return (x) => x * sigmoid(alpha * x);
    },
    HardSigmoid: (attributes, type) => {
      const alpha = meantBy(attributes.float('alpha', Math.fround(0.2)), 1 / 6, type);
      const beta = attributes.float('beta', 0.5);
      return (x) => Math.max(0, Math.min(1, alpha * x + beta));
    },
    ThresholdedRelu: (attributes) => {
      const alpha = attributes.float('alpha', 1);
      return (x) => (x > alpha ? x : 0);
    },
    Shrink: (attributes) => {
      const [bias, lambd] = [attributes.float('bias', 0), attributes.float('lambd', 0.5)];
      return (x) => (x < -lambd ? x + bias : x > lambd ? x - bias : 0);
    },
    HardSwish: () => (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
    Mish: () => (x) => x * Math.tanh(softplus(x)),
    Gelu: (attributes) => {
      const approximate = attributes.text('approximate', 'none');
      if (approximate === 'tanh') return geluTanh;
      if (approximate === 'none') return (x) => activations.gelu.value(x, 0);
      throw new InputError(`attribute 'approximate' is '${approximate}', expected 'none' or 'tanh'`);
    },
  };

/** Functions of two values, or of a list of values taken from the left. */
export const binaryFunctions: Readonly<Record<string, Binary>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  PRelu: (a, b) => (a < 0 ? a * b : a),
  Max: Math.max,
  Min: Math.min,
  Sum: (a, b) => a + b,
  Equal: (a, b) => Number(a === b),
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
  And: (a, b) => Number(a !== 0 && b !== 0),
  Or: (a, b) => Number(a !== 0 || b !== 0),
  Xor: (a, b) => Number((a !== 0) !== (b !== 0)),
};

/** Those of them that give a truth value. */
const comparisons: ReadonlySet<string> = new Set(
  'Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor'.split(' '),
);

const divideIntegers: Binary = (a, b) => Math.trunc(a / b);

/** Applies the function of one value called `name`. */
export function applyUnary(builder: ProgramBuilder, name: string, attributes: Attributes, x: Value): Value {
  checkNumbers(x);
  const f = unaryFunctions[name](attributes, x.numberType);
  if (x.kind === 'constant') return computedConstant(x.shape, x.data.map(f), x.numberType);
  const width = sizeOf(x.shape);
  const affine =
    name === 'Neg' ? { scale: new Float64Array(width).fill(-1), shift: new Float64Array(width) } : undefined;
  return builder.elementwise(
    [x],
    x.shape,
    x.numberType,
    ([source], target, rows) => {
      for (let i = 0; i < rows * width; i++) target[i] = f(source[i]);
    },
    affine,
  );
}

/** Applies the function of two values called `name`, with broadcasting. */
export function applyBinary(builder: ProgramBuilder, name: string, a: Value, b: Value): Value {
  checkNumbers(a);
  checkNumbers(b);
  const operands = resultType([a, b]);
  const f = operands === undefined && name === 'Div' ? divideIntegers : binaryFunctions[name];
  const type = comparisons.has(name) ? undefined : operands;
  if (a.kind === 'constant' && b.kind === 'constant') {
    const shape = checkConstant(broadcastShapes(a.shape, b.shape));
    const [p, q] = [broadcastIndices(a.shape, shape), broadcastIndices(b.shape, shape)];
    const data = Float64Array.from(p, (index, i) => f(a.data[index], b.data[q[i]]));
    return computedConstant(shape, data, type);
  }
  const [shapeA, shapeB] = rowShapes(builder, a, b);
  const shape = checkWidth(broadcastShapes(shapeA, shapeB));
  const [p, q] = [broadcastIndices(shapeA, shape), broadcastIndices(shapeB, shape)];
  const width = p.length;
  // a constant is read again for every row
  const strideA = a.kind === 'rows' ? sizeOf(a.shape) : 0;
  const strideB = b.kind === 'rows' ? sizeOf(b.shape) : 0;
  const run: ElementwiseStep['run'] = (sources, target, rows) => {
    const left = a.kind === 'rows' ? sources[0] : a.data;
    const right = b.kind === 'rows' ? sources[sources.length - 1] : b.data;
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < width; i++) {
        target[row * width + i] = f(left[row * strideA + p[i]], right[row * strideB + q[i]]);
      }
    }
  };
  const sources = [a, b].filter((value) => value.kind === 'rows');
  return builder.elementwise(sources, shape, type, run, affineForm(name, a, b, p, q));
}

/** Where: entries of `a` where the condition holds, of `b` elsewhere, with broadcasting. */
export function applyWhere(builder: ProgramBuilder, condition: Value, a: Value, b: Value): Value {
  const values = [condition, a, b];
  for (const value of values) checkNumbers(value);
  const rows = values.filter((value): value is Rows => value.kind === 'rows');
  const shapes = rows.length === 0 ? values.map(({ shape }) => shape) : rowShapes(builder, ...values);
  const shape = checkWidth(shapes.reduce((sum, other) => broadcastShapes(sum, other)));
  const places = shapes.map((own) => broadcastIndices(own, shape));
  const strides = values.map((value) => (value.kind === 'rows' ? sizeOf(value.shape) : 0));
  const width = sizeOf(shape);
  const choose = (sources: readonly Float64Array[], target: Float64Array, count: number) => {
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < width; i++) {
        const chosen = sources[0][row * strides[0] + places[0][i]] !== 0 ? 1 : 2;
        target[row * width + i] = sources[chosen][row * strides[chosen] + places[chosen][i]];
      }
    }
  };
  const type = resultType([a, b]);
  if (rows.length === 0) {
    const data = new Float64Array(width);
    choose(
      values.map((value) => (value as Constant).data),
      data,
      1,
    );
    return computedConstant(shape, data, type);
  }
  return builder.elementwise(rows, shape, type, (sources, target, count) => {
    let next = 0;
    choose(
      values.map((value) => (value.kind === 'rows' ? sources[next++] : value.data)),
      target,
      count,
    );
  });
}

/** Throws `InputError` for a constant that holds NaN, which stands for the number of rows. */
export function checkNumbers(value: Value): void {
  if (value.kind === 'constant' && value.data.some(Number.isNaN)) {
    throw new InputError('computes with the number of rows, or with a constant that is not a number');
  }
}

/**
 * The shapes with which values are broadcast to each other within one query. Where the first axis counts
 * queries it has to stay first, and no constant may differ from query to query.
 */
export function rowShapes(builder: ProgramBuilder, ...values: readonly Value[]): (readonly number[])[] {
  if (!builder.batch.counted) return values.map(({ shape }) => shape);
  const rows = values.filter((value): value is Rows => value.kind === 'rows');
  const rank = rows[0].shape.length;
  const other = rows.find(({ shape }) => shape.length !== rank);
  if (other !== undefined) {
    throw new InputError(
      `shapes ${builder.describe(rows[0])} and ${builder.describe(other)} do not fit each other`,
    );
  }
  const wrong = values.find(
    ({ kind, shape }) =>
      kind === 'constant' && (shape.length > rank || (shape.length === rank && shape[0] !== 1)),
  );
  if (wrong !== undefined)
    throw new InputError(`a constant of shape ${describeShape(wrong.shape)} does not fit single rows`);
  return values.map(({ shape }) => shape);
}

/** y = scale·x + shift when one side is a constant and the function is a sum, difference, product or ratio. */
function affineForm(
  name: string,
  a: Value,
  b: Value,
  p: Int32Array,
  q: Int32Array,
): ElementwiseStep['affine'] {
  if (a.kind === b.kind) return undefined;
  const x = a.kind === 'rows' ? a : (b as Rows);
  if (sizeOf(x.shape) !== p.length) return undefined;
  const constant = a.kind === 'rows' ? (b as Constant) : a;
  const values = Float64Array.from(a.kind === 'rows' ? q : p, (index) => constant.data[index]);
  const fill = (value: number) => new Float64Array(values.length).fill(value);
  switch (name) {
    case 'Add':
    case 'Sum':
      return { scale: fill(1), shift: values };
    case 'Sub':
      return a === x
        ? { scale: fill(1), shift: values.map((value) => -value) }
        : { scale: fill(-1), shift: values };
    case 'Mul':
      return { scale: values, shift: fill(0) };
    case 'Div':
      return a === x ? { scale: values.map((value) => 1 / value), shift: fill(0) } : undefined;
    default:
      return undefined;
  }
}
