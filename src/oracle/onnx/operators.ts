import { InputError } from '../../base/errors.js';
import type { ProgramBuilder } from './builder.js';
import { applyBinary, applyUnary, binaryFunctions, unaryFunctions } from './elementwise.js';
import { applyBatchNormalization, applyGemm, applyMatMul } from './linear.js';
import type { Attributes } from './node-view.js';
import {
  applyConcat,
  applyFlatten,
  applyGather,
  applyReshape,
  applyShape,
  applySqueeze,
  applyTranspose,
  applyUnsqueeze,
  type Batch,
} from './shapes.js';
import { typeName } from './tensor.js';
import { type Constant, sizeOf, type Value } from './values.js';

/** What an operator is applied to. */
export interface Call {
  readonly builder: ProgramBuilder;
  readonly attributes: Attributes;
  /** Inputs in order; an optional input that is left out is undefined. */
  readonly inputs: readonly (Value | undefined)[];
  readonly batch: Batch;
}

type Operator = (call: Call) => Value;

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
  Identity: (call) => input(call, 0),
  Constant: readConstant,
  Cast: applyCast,
  Clip: applyClip,
  Dropout: applyDropout,
  Flatten: (call) => applyFlatten(call.attributes, input(call, 0)),
  Reshape: (call) =>
    applyReshape(call.attributes, call.batch, input(call, 0), [...constant(call, 1, 'its shape').data]),
  Squeeze: (call) => applySqueeze(call.batch, input(call, 0), axes(call)),
  Unsqueeze: (call) => applyUnsqueeze(input(call, 0), axes(call) ?? []),
  Shape: (call) => applyShape(call.attributes, call.batch, input(call, 0)),
  Gather: (call) => applyGather(input(call, 0), constant(call, 1, 'its indices')),
  Concat: (call) => applyConcat(call.inputs.map((_, place) => input(call, place))),
  Transpose: (call) => applyTranspose(call.attributes, input(call, 0)),
};

/** Names of all operators that can be evaluated. */
export const operatorNames: readonly string[] = [
  ...Object.keys(operators),
  ...Object.keys(unaryFunctions),
  ...Object.keys(binaryFunctions),
].sort();

/** Applies the operator called `name`; throws `InputError` when there is none or it cannot be evaluated. */
export function applyOperator(name: string, call: Call): Value {
  if (Object.hasOwn(operators, name)) return operators[name](call);
  if (Object.hasOwn(unaryFunctions, name)) {
    return applyUnary(call.builder, name, call.attributes, input(call, 0));
  }
  if (Object.hasOwn(binaryFunctions, name)) {
    const others = call.inputs.slice(1).map((_, i) => input(call, i + 1));
    return others.reduce((left, right) => applyBinary(call.builder, name, left, right), input(call, 0));
  }
  throw new InputError(`is not supported, expected one of ${operatorNames.join(', ')}`);
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

/** Axes are an attribute before operator set 13 and an input after it. */
function axes(call: Call): readonly number[] | undefined {
  if (call.inputs[1] === undefined) return call.attributes.integers('axes');
  return [...constant(call, 1, 'its axes').data];
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

/** Cast between float types rounds only where a graph is evaluated in its own types. */
function applyCast(call: Call): Value {
  const { builder } = call;
  const to = call.attributes.integer('to', 0);
  const x = input(call, 0);
  if (to === 1 || to === 11) {
    const declared = to === 1 ? 'float32' : 'float64';
    if (x.kind === 'constant') return builder.constant({ ...x, data: x.data.slice(), numberType: declared });
    const numberType = builder.typeFor(declared);
    if (numberType === 'float64' || x.numberType === 'float32') return { ...x, numberType };
    const width = sizeOf(x.tail);
    return builder.elementwise([x], x.tail, numberType, ([source], target, rows) => {
      target.set(source.subarray(0, rows * width));
    });
  }
  if (x.kind === 'constant' && (to === 6 || to === 7)) {
    return { kind: 'constant', shape: x.shape, data: x.data.map(Math.trunc) };
  }
  throw new InputError(`casts to ${typeName(to)}, expected float32 or float64`);
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
