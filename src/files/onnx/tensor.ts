import { InputError } from '../../base/errors.js';
import { brainToNumber, halfToNumber } from '../data/half.js';
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
  /** The values of a tensor that does not keep them as bytes. */
  stored(tensor: TensorProto): ArrayLike<number | bigint>;
}

const fromBits = (convert: (bits: number) => number) => ({
  bytes: 2,
  numberType: 'float32' as const,
  read: (view: DataView, offset: number) => convert(view.getUint16(offset, true)),
  stored: ({ int32Data }: TensorProto) => int32Data.map((bits) => convert(bits & 0xffff)),
});

const integers = (bytes: number, read: Reader['read']): Reader => ({
  bytes,
  read,
  stored: (tensor) => tensor.int32Data,
});

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
  // half precision is evaluated in float32, as by ONNX Runtime on CPUs
  [Type.FLOAT16]: fromBits(halfToNumber),
  [Type.BFLOAT16]: fromBits(brainToNumber),
  [Type.INT64]: {
    bytes: 8,
    read: (view, offset) => Number(view.getBigInt64(offset, true)),
    stored: (tensor) => tensor.int64Data,
  },
  [Type.INT32]: integers(4, (view, offset) => view.getInt32(offset, true)),
  [Type.INT16]: integers(2, (view, offset) => view.getInt16(offset, true)),
  [Type.UINT16]: integers(2, (view, offset) => view.getUint16(offset, true)),
  [Type.INT8]: integers(1, (view, offset) => view.getInt8(offset)),
  [Type.UINT8]: integers(1, (view, offset) => view.getUint8(offset)),
  [Type.BOOL]: integers(1, (view, offset) => view.getUint8(offset)),
};

/**
 * Reads a part of a file beside the model: `length` bytes from `offset` on of the file at `location`, a path
 * from the model's folder. Throws `InputError` when there are no such bytes.
 */
export type ReadBeside = (location: string, offset: number, length: number) => Uint8Array;

/**
 * Reads a tensor of floats, integers or booleans, widened to float64 without rounding (integers beyond 2⁵³
 * excepted); what lies in another file is read by `readBeside`. Throws `InputError` for other element types,
 * and when the number of values is not the one that the shape asks for; that is checked before anything is
 * allocated.
 */
export function readTensor(tensor: TensorProto, readBeside?: ReadBeside): Constant {
  const label = `tensor '${tensor.name}'`;
  const reader = readers[tensor.dataType];
  if (reader === undefined) {
    throw new InputError(`${label} holds ${typeName(tensor.dataType)}, expected float32 or float64`);
  }
  const shape = tensor.dims.map(Number);
  const size = sizeOf(shape);
  if (shape.some((n) => n < 0)) {
    throw new InputError(`${label} has the shape ${describeShape(shape)}, expected no negative sizes`);
  }
  const isBeside = tensor.dataLocation === TensorProto_DataLocation.EXTERNAL;
  const bytes = isBeside ? readExternal(tensor, label, size * reader.bytes, readBeside) : tensor.rawData;
  const stored = isBeside ? [] : reader.stored(tensor);
  const raw = stored.length === 0;
  const found = raw ? bytes.length / reader.bytes : stored.length;
  if (size !== found) {
    throw new InputError(`${label} holds ${found} values, expected ${describeShape(shape)} by its shape`);
  }
  const data = new Float64Array(size);
  if (raw) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < size; i++) data[i] = reader.read(view, i * reader.bytes);
  } else {
    for (let i = 0; i < size; i++) data[i] = Number(stored[i]);
  }
  return { kind: 'constant', shape, data, ...(reader.numberType && { numberType: reader.numberType }) };
}

/** Takes the bytes of a tensor that lie in another file into the tensor itself. */
export function takeIn(tensor: TensorProto, readBeside: ReadBeside): void {
  if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) return;
  tensor.rawData = readExternal(tensor, `tensor '${tensor.name}'`, undefined, readBeside);
  tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
  tensor.externalData = [];
}

/** The bytes of a tensor that lie in another file: `length` of them by the tensor's shape, where that is known. */
function readExternal(
  tensor: TensorProto,
  label: string,
  length: number | undefined,
  readBeside: ReadBeside | undefined,
): Uint8Array {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location');
  if (location === undefined || location === '') {
    throw new InputError(`${label} keeps its data in another file and does not name it`);
  }
  if (readBeside === undefined) {
    throw new InputError(
      `${label} keeps its data in another file, '${location.slice(0, 80)}', expected all weights in this one`,
    );
  }
  const [offset, told] = ['offset', 'length'].map((key) => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value)) return value;
    throw new InputError(`${label} has the ${key} '${text.slice(0, 20)}' of its data, expected an integer`);
  });
  const wanted = length ?? told;
  if (wanted === undefined) throw new InputError(`${label} does not tell how long its data are`);
  if (told !== undefined && told !== wanted) {
    throw new InputError(`${label} has ${told} bytes of data, expected ${wanted} by its shape`);
  }
  try {
    return readBeside(location, offset ?? 0, wanted);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${label} keeps its data in '${location.slice(0, 80)}', which ${error.message}`, {
      cause: error,
    });
  }
}
