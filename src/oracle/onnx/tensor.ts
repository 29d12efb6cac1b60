import { InputError } from '../../base/errors.js';
import { type TensorProto, TensorProto_DataLocation, TensorProto_DataType as Type } from './onnx_pb.js';
import { type Constant, describeShape, type NumberType, sizeOf } from './values.js';

/** Names of the element types by their number in the format (onnx.proto, TensorProto.DataType). */
const typeNames =
  'undefined float32 uint8 int8 uint16 int16 int32 int64 string bool float16 float64 uint32 uint64 complex64 complex128 bfloat16'.split(
    ' ',
  );

/** Name of an element type, for messages. */
export const typeName = (type: number) => typeNames[type] ?? `type ${type}`;

interface Reader {
  readonly bytes: number;
  readonly numberType?: NumberType;
  read(view: DataView, offset: number): number;
  stored(tensor: TensorProto): ArrayLike<number | bigint>;
}

const readers: Readonly<Record<number, Reader>> = {
  [Type.FLOAT]: {
    bytes: 4,
    numberType: 'float32',
    read: (view, offset) => view.getFloat32(offset, true),
    stored: (tensor) => tensor.floatData,
  },
  [Type.DOUBLE]: {
    bytes: 8,
    numberType: 'float64',
    read: (view, offset) => view.getFloat64(offset, true),
    stored: (tensor) => tensor.doubleData,
  },
  [Type.INT32]: {
    bytes: 4,
    read: (view, offset) => view.getInt32(offset, true),
    stored: (tensor) => tensor.int32Data,
  },
  [Type.INT64]: {
    bytes: 8,
    read: (view, offset) => Number(view.getBigInt64(offset, true)),
    stored: (tensor) => tensor.int64Data,
  },
  [Type.BOOL]: {
    bytes: 1,
    read: (view, offset) => view.getUint8(offset),
    stored: (tensor) => tensor.int32Data,
  },
};

/**
 * Reads a tensor of floats, integers or booleans, widened to float64 without rounding (integers beyond 2⁵³
 * excepted). Throws `InputError` for other element types, for data kept in another file, and when the number
 * of values is not the one that the shape asks for; that is checked before anything is allocated.
 */
export function readTensor(tensor: TensorProto): Constant {
  const label = `tensor '${tensor.name}'`;
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    throw new InputError(`${label} keeps its data in another file, expected all weights in this one`);
  }
  const reader = readers[tensor.dataType];
  if (reader === undefined) {
    throw new InputError(`${label} holds ${typeName(tensor.dataType)}, expected float32 or float64`);
  }
  const shape = tensor.dims.map(Number);
  const size = sizeOf(shape);
  const stored = reader.stored(tensor);
  const raw = stored.length === 0;
  const found = raw ? tensor.rawData.length / reader.bytes : stored.length;
  if (shape.some((n) => n < 0) || size !== found) {
    throw new InputError(`${label} holds ${found} values, expected ${describeShape(shape)} by its shape`);
  }
  const data = new Float64Array(size);
  if (raw) {
    const view = new DataView(tensor.rawData.buffer, tensor.rawData.byteOffset, tensor.rawData.byteLength);
    for (let i = 0; i < size; i++) data[i] = reader.read(view, i * reader.bytes);
  } else {
    for (let i = 0; i < size; i++) data[i] = Number(stored[i]);
  }
  return { kind: 'constant', shape, data, ...(reader.numberType && { numberType: reader.numberType }) };
}
