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

/** Functions of one value; those with parameters read them from the node's attributes, which are float32. */
export const unaryFunctions: Readonly<Record<string, (attributes: Attributes) => Unary>> = {
  Neg: () => (x) => -x,
  Abs: () => Math.abs,
  Sign: () => Math.sign,
  Exp: () => Math.exp,
  Log: () => Math.log,
  Sqrt: () => Math.sqrt,
  Reciprocal: () => (x) => 1 / x,
  Sin: () => Math.sin,
  Cos: () => Math.cos,
  Atan: () => Math.atan,
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
  Selu: (attributes) => {
    const alpha = attributes.float('alpha', Math.fround(1.6732632423543772));
    const gamma = attributes.float('gamma', Math.fround(1.0507009873554805));
    return (x) => gamma * (x > 0 ? x : alpha * Math.expm1(x));
  },
  Swish: (attributes) => {
    const alpha = attributes.float('alpha', 1);
    return (x) => x * sigmoid(alpha * x);
  },
  HardSigmoid: (attributes) => {
    const alpha = attributes.float('alpha', Math.fround(0.2));
    const beta = attributes.float('beta', 0.5);
    return (x) => Math.max(0, Math.min(1, alpha * x + beta));
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
};

/** Applies the function of one value called `name`. */
export function applyUnary(builder: ProgramBuilder, name: string, attributes: Attributes, x: Value): Value {
  const f = unaryFunctions[name](attributes);
  checkNumbers(x);
  if (x.kind === 'constant') return computedConstant(x.shape, x.data.map(f), x.numberType);
  const width = sizeOf(x.tail);
  const affine =
    name === 'Neg' ? { scale: new Float64Array(width).fill(-1), shift: new Float64Array(width) } : undefined;
  return builder.elementwise(
    [x],
    x.tail,
    x.numberType,
    ([source], target, rows) => {
      for (let i = 0; i < rows * width; i++) target[i] = f(source[i]);
    },
    affine,
  );
}

/** Applies the function of two values called `name`, with broadcasting. */
export function applyBinary(builder: ProgramBuilder, name: string, a: Value, b: Value): Value {
  const f = binaryFunctions[name];
  checkNumbers(a);
  checkNumbers(b);
  if (a.kind === 'constant' && b.kind === 'constant') {
    const shape = checkConstant(broadcastShapes(a.shape, b.shape));
    const [p, q] = [broadcastIndices(a.shape, shape), broadcastIndices(b.shape, shape)];
    const data = Float64Array.from(p, (index, i) => f(a.data[index], b.data[q[i]]));
    return computedConstant(shape, data, resultType([a, b]));
  }
  if (a.kind === 'rows' && b.kind === 'rows' && a.tail.length !== b.tail.length) {
    throw new InputError(`shapes (batch, ${a.tail}) and (batch, ${b.tail}) do not fit each other`);
  }
  const rank = (a.kind === 'rows' ? a : (b as Rows)).tail.length;
  const [shapeA, shapeB] = [rowShape(a, rank), rowShape(b, rank)];
  const tail = checkWidth(broadcastShapes(shapeA, shapeB));
  const [p, q] = [broadcastIndices(shapeA, tail), broadcastIndices(shapeB, tail)];
  const width = p.length;
  // a constant is read again for every row
  const strideA = a.kind === 'rows' ? sizeOf(a.tail) : 0;
  const strideB = b.kind === 'rows' ? sizeOf(b.tail) : 0;
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
  return builder.elementwise(sources, tail, resultType(sources)!, run, affineForm(name, a, b, p, q));
}

/** Throws `InputError` for a constant that holds NaN, which stands for the number of rows. */
function checkNumbers(value: Value): void {
  if (value.kind === 'constant' && value.data.some(Number.isNaN)) {
    throw new InputError('computes with the number of rows, or with a constant that is not a number');
  }
}

/** The shape with which a value takes part in broadcasting within a row of `rank` axes. */
function rowShape(value: Value, rank: number): readonly number[] {
  if (value.kind === 'rows') return value.tail;
  if (value.shape.length <= rank) return value.shape;
  if (value.shape.length === rank + 1 && value.shape[0] === 1) return value.shape.slice(1);
  throw new InputError(`a constant of shape ${describeShape(value.shape)} does not fit single rows`);
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
  if (sizeOf(x.tail) !== p.length) return undefined;
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
