import { InputError } from '../../base/errors.js';
import {
  applyArgument,
  applyNorm,
  applyNormalization,
  applyReduction,
  applySoftmax,
  reductionNames,
} from './along-axes.js';
import { applyConcat, applyExpand, applyGather, applySlice, applySplit, applyTranspose } from './arrange.js';
import type { ProgramBuilder } from './builder.js';
import { randomOperators } from './choose.js';
import { applyBinary, applyUnary, applyWhere, binaryFunctions, unaryFunctions } from './elementwise.js';
import { applyBatchNormalization, applyGemm, applyMatMul } from './linear.js';
import { labelOperators } from './machine-learning.js';
import type { Attributes } from './node-view.js';
import { applyFlatten, applyReshape, applyShape, applySqueeze, applyUnsqueeze } from './shapes.js';
import { typeName } from './tensor.js';
import { UnsupportedError } from './unsupported.js';
import { type Constant, checkConstant, computedConstant, sizeOf, type Value } from './values.js';

/** What an operator is applied to. */
export interface Call {
  readonly builder: ProgramBuilder;
  readonly attributes: Attributes;
  /** Inputs in order; an optional input that is left out is undefined. */
  readonly inputs: readonly (Value | undefined)[];
  /** Number of outputs that the node names. */
  readonly outputs: number;
}

/** What an operator gives: one value, or one for each of its first outputs. */
export type Result = Value | readonly Value[];

type Operator = (call: Call) => Result;

const operators: Readonly<Record<string, Operator>> = {
  Gemm: (call) => applyGemm(call.builder, call.attributes, input(call, 0), input(call, 1), call.inputs[2]),
  MatMul: (call) => applyMatMul(call.builder, input(call, 0), input(call, 1)),
  BatchNormalization: (call) => {
    const [scale, shift, mean, variance] = ['scale', 'shift', 'mean', 'variance'].map((name, i) =>
      constant(call, i + 1, `its ${name}`),
    );
    return applyBatchNormalization(
      call.builder,
      call.attributes,
      input(call, 0),
      scale,
      shift,
      mean,
      variance,
    );
  },
  LayerNormalization: (call) => normalise(call, true),
  RMSNormalization: (call) => normalise(call, false),
  LpNormalization: (call) => {
    const norm = call.attributes.integer('p', 2) === 1 ? 'L1' : 'L2';
    return applyNorm(call.builder, input(call, 0), call.attributes.integer('axis', -1), norm);
  },
  Softmax: (call) => applySoftmax(call.builder, 'Softmax', call.attributes, input(call, 0)),
  LogSoftmax: (call) => applySoftmax(call.builder, 'LogSoftmax', call.attributes, input(call, 0)),
  ArgMax: (call) => applyArgument(call.builder, 'ArgMax', call.attributes, input(call, 0)),
  ArgMin: (call) => applyArgument(call.builder, 'ArgMin', call.attributes, input(call, 0)),
  Identity: (call) => input(call, 0),
  Constant: readConstant,
  ConstantOfShape: fillShape,
  Cast: applyCast,
  Clip: applyClip,
  Dropout: applyDropout,
  Mean: applyMean,
  Where: (call) => applyWhere(call.builder, input(call, 0), input(call, 1), input(call, 2)),
  Flatten: (call) => applyFlatten(call.builder, call.attributes, input(call, 0)),
  Reshape: (call) => applyReshape(call.builder, call.attributes, input(call, 0), list(call, 1, 'its shape')),
  Squeeze: (call) => applySqueeze(call.builder, input(call, 0), axes(call)),
  Unsqueeze: (call) => applyUnsqueeze(call.builder, input(call, 0), axes(call) ?? []),
  Shape: (call) => applyShape(call.builder, call.attributes, input(call, 0)),
  Gather: (call) =>
    applyGather(call.builder, call.attributes, input(call, 0), constant(call, 1, 'its indices')),
  Concat: (call) =>
    applyConcat(
      call.builder,
      call.attributes,
      [input(call, 0)].concat(call.inputs.slice(1).map((_, i) => input(call, i + 1))),
    ),
  Expand: (call) => applyExpand(call.builder, input(call, 0), list(call, 1, 'its shape')),
  Slice: readSlice,
  Split: (call) => {
    const sizes = call.inputs[1] ? list(call, 1, 'its sizes') : call.attributes.integers('split');
    return applySplit(call.builder, call.attributes, input(call, 0), sizes, call.outputs);
  },
  Transpose: (call) => applyTranspose(call.builder, call.attributes, input(call, 0)),
};

/** Names of all standard operators that can be evaluated. */
export const operatorNames: readonly string[] = [
  ...Object.keys(operators),
  ...reductionNames,
  ...Object.keys(unaryFunctions),
  ...Object.keys(binaryFunctions),
].sort();

/**
 * Applies the operator called `name`, of the domain ai.onnx.ml where `isLabels` says so. Throws `InputError`
 * when it cannot be evaluated, `UnsupportedError` when it is not known here.
 */
export function applyOperator(name: string, isLabels: boolean, call: Call): Result {
  if (isLabels) {
    if (Object.hasOwn(labelOperators, name)) {
      return labelOperators[name](call.builder, call.attributes, input(call, 0));
    }
    throw new UnsupportedError(`of ai.onnx.ml is not supported here`);
  }
  if (Object.hasOwn(operators, name)) return operators[name](call);
  if (reductionNames.includes(name))
    return applyReduction(call.builder, name, call.attributes, input(call, 0), axes(call));
  if (Object.hasOwn(unaryFunctions, name)) {
    return applyUnary(call.builder, name, call.attributes, input(call, 0));
  }
  if (Object.hasOwn(binaryFunctions, name)) return applyToAll(name, call);
  if (randomOperators.test(name))
    throw new InputError('answers by chance, expected an output that is a function of the input');
  throw new UnsupportedError('is not supported here');
}

/** A function of two values over a list of them, from the left. */
function applyToAll(name: string, call: Call): Value {
  const others = call.inputs.slice(1).map((_, i) => input(call, i + 1));
  return others.reduce((left, right) => applyBinary(call.builder, name, left, right), input(call, 0));
}

function input({ inputs }: Call, place: number): Value {
  const value = inputs[place];
  if (value === undefined) throw new InputError(`has no input ${place + 1}`);
  return value;
}

function constant(call: Call, place: number, what: string): Constant {
  const value = input(call, place);
  if (value.kind === 'rows') throw new InputError(`takes ${what} from the input, expected a constant`);
  return value;
}

/** The entries of a constant input. */
const list = (call: Call, place: number, what: string): readonly number[] => [
  ...constant(call, place, what).data,
];

/** Axes are an attribute before operator set 13 and an input after it. */
function axes(call: Call): readonly number[] | undefined {
  if (call.inputs[1] === undefined) return call.attributes.integers('axes');
  return [...constant(call, 1, 'its axes').data];
}

function normalise(call: Call, isCentred: boolean): Value {
  const { builder, attributes, inputs } = call;
  return applyNormalization(builder, attributes, input(call, 0), input(call, 1), inputs[2], isCentred);
}

function applyMean(call: Call): Value {
  const total = applyToAll('Sum', call);
  const count: Value = { kind: 'constant', shape: [], data: Float64Array.of(call.inputs.length) };
  return applyBinary(call.builder, 'Div', total, count);
}

/** Slice: its bounds are attributes before operator set 10 and inputs after it. */
function readSlice(call: Call): Value {
  const { attributes, inputs, builder } = call;
  const read = (place: number, name: string) =>
    inputs[place] === undefined ? attributes.integers(name) : list(call, place, `its ${name}`);
  const [starts, ends] = [read(1, 'starts'), read(2, 'ends')];
  if (starts === undefined || ends === undefined) throw new InputError('has no starts or no ends');
  const bounds = { starts, ends, axes: read(3, 'axes'), steps: read(4, 'steps') };
  return applySlice(builder, input(call, 0), bounds);
}

/** ConstantOfShape: the number of rows, where the shape holds it, is that of one query. */
function fillShape(call: Call): Value {
  const shape = list(call, 0, 'its shape').map((n, axis) => (Number.isNaN(n) && axis === 0 ? 1 : n));
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0)) throw new InputError('has a shape of no sizes');
  const value = call.attributes.tensor('value');
  const data = new Float64Array(sizeOf(checkConstant(shape))).fill(value?.data[0] ?? 0);
  return computedConstant(shape, data, value === undefined ? 'float32' : value.numberType);
}

function readConstant({ attributes, builder }: Call): Value {
  const list = (values: readonly number[]) => ({ shape: [values.length], data: Float64Array.from(values) });
  const scalar = (value: number) => ({ shape: [], data: Float64Array.of(value) });
  const floats = attributes.floats('value_floats');
  const integers = attributes.integers('value_ints');
  const float = attributes.has('value_float') ? attributes.float('value_float', 0) : undefined;
  const integer = attributes.has('value_int') ? attributes.integer('value_int', 0) : undefined;
  const single = floats ? list(floats) : float !== undefined && scalar(float);
  if (single) return builder.constant({ kind: 'constant', ...single, numberType: 'float32' });
  const whole = integers ? list(integers) : integer !== undefined && scalar(integer);
  if (whole) return { kind: 'constant', ...whole };
  const tensor = attributes.tensor('value');
  if (tensor === undefined) throw new InputError('has no numeric value');
  return builder.constant(tensor);
}

/** Types of floats by their number in the format, and what they are evaluated in. */
const floatTypes: Readonly<Record<number, 'float32' | 'float64'>> = {
  1: 'float32',
  10: 'float32',
  11: 'float64',
  16: 'float32',
};

/** Types of integers by their number in the format. */
const integerTypes = [2, 3, 4, 5, 6, 7, 12, 13];

/** Cast between float types rounds only where a graph is evaluated in its own types; half precision is float32. */
function applyCast(call: Call): Value {
  const { builder } = call;
  const to = call.attributes.integer('to', 0);
  const x = input(call, 0);
  const declared = floatTypes[to];
  if (declared !== undefined) {
    if (x.kind === 'constant') return builder.constant({ ...x, data: x.data.slice(), numberType: declared });
    const numberType = builder.typeFor(declared);
    if (x.numberType !== undefined && (numberType === 'float64' || x.numberType === 'float32'))
      return { ...x, numberType };
    const width = sizeOf(x.shape);
    return builder.elementwise([x], x.shape, numberType, ([source], target, rows) => {
      target.set(source.subarray(0, rows * width));
    });
  }
  const isTruth = to === 9;
  if (!isTruth && !integerTypes.includes(to))
    throw new UnsupportedError(`casts to ${typeName(to)}, expected a type of numbers`);
  const convert = isTruth ? (value: number) => Number(value !== 0) : Math.trunc;
  if (x.kind === 'constant') return { kind: 'constant', shape: x.shape, data: x.data.map(convert) };
  const width = sizeOf(x.shape);
  return builder.elementwise([x], x.shape, undefined, ([source], target, rows) => {
    for (let i = 0; i < rows * width; i++) target[i] = convert(source[i]);
  });
}

/** Clip: the bounds are attributes before operator set 11 and inputs after it. */
function applyClip(call: Call): Value {
  const { attributes, inputs, builder } = call;
  const bound = (place: number, name: string): Value | undefined =>
    inputs[place] ??
    (attributes.has(name)
      ? { kind: 'constant', shape: [], data: Float64Array.of(attributes.float(name, 0)) }
      : undefined);
  const [least, most] = [bound(1, 'min'), bound(2, 'max')];
  let x = input(call, 0);
  if (least) x = applyBinary(builder, 'Max', x, least);
  if (most) x = applyBinary(builder, 'Min', x, most);
  return x;
}

function applyDropout(call: Call): Value {
  if (
    call.inputs[2] !== undefined &&
    constant(call, 2, 'its training mode').data.some((mode) => mode !== 0)
  ) {
    throw new InputError('is in training mode, expected inference');
  }
  return input(call, 0);
}
