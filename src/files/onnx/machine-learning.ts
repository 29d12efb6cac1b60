import { InputError } from '../../base/errors.js';
import { applyNorm } from './along-axes.js';
import type { ProgramBuilder } from './builder.js';
import { applyBinary } from './elementwise.js';
import type { Attributes } from './node-view.js';
import { UnsupportedError } from './unsupported.js';
import { type Constant, sizeOf, type Value } from './values.js';

type LabelOperator = (builder: ProgramBuilder, attributes: Attributes, x: Value) => Value;

/** The operators of ai.onnx.ml that skl2onnx puts around a multilayer perceptron of scikit-learn. */
export const labelOperators: Readonly<Record<string, LabelOperator>> = {
  Scaler: applyScaler,
  Normalizer: (builder, attributes, x) => {
    const norm = attributes.text('norm', 'MAX');
    if (norm !== 'MAX' && norm !== 'L1' && norm !== 'L2')
      throw new InputError(`has the norm '${norm}', expected MAX, L1 or L2`);
    return applyNorm(builder, x, -1, norm);
  },
  LabelEncoder: applyLabelEncoder,
  // a map from every class to its probability: the classes are in the order of the columns
  ZipMap: (_, __, x) => x,
};

/** Scaler: (x − offset)·scale, feature by feature. */
function applyScaler(builder: ProgramBuilder, attributes: Attributes, x: Value): Value {
  const list = (name: string): Constant | undefined => {
    const values = attributes.floats(name);
    if (values === undefined || values.length === 0) return undefined;
    return builder.constant({
      kind: 'constant',
      shape: values.length === 1 ? [] : [values.length],
      data: Float64Array.from(values),
      numberType: 'float32',
    });
  };
  const [offset, scale] = [list('offset'), list('scale')];
  const centred = offset === undefined ? x : applyBinary(builder, 'Sub', x, offset);
  return scale === undefined ? centred : applyBinary(builder, 'Mul', centred, scale);
}

/** LabelEncoder from numbers to numbers; words have no place in a recovery. */
function applyLabelEncoder(builder: ProgramBuilder, attributes: Attributes, x: Value): Value {
  const keys = attributes.integers('keys_int64s') ?? attributes.floats('keys_floats');
  const integers = attributes.integers('values_int64s');
  const values = integers ?? attributes.floats('values_floats');
  if (keys === undefined || values === undefined) {
    throw new UnsupportedError('turns numbers into words or words into numbers, expected numbers alone');
  }
  if (keys.length !== values.length)
    throw new InputError(`has ${keys.length} keys and ${values.length} values, expected as many`);
  const missing =
    integers === undefined ? attributes.float('default_float', -0) : attributes.integer('default_int64', -1);
  const table = new Map(keys.map((key, i) => [key, values[i]]));
  const look = (key: number) => table.get(key) ?? missing;
  const type = integers === undefined ? builder.typeFor('float32') : undefined;
  if (x.kind === 'constant') {
    return { kind: 'constant', shape: x.shape, data: x.data.map(look), ...(type && { numberType: type }) };
  }
  const width = sizeOf(x.shape);
  return builder.elementwise([x], x.shape, type, ([source], target, rows) => {
    for (let i = 0; i < rows * width; i++) target[i] = look(source[i]);
  });
}
