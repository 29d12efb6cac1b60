import { InputError } from '../../base/errors.js';
import { field, knownTail, parseJson, readRows, sizeOfTail } from './json.js';
import { type Connection, type Encoded, type Protocol, withPath } from './protocol.js';
import type { Reply } from './request.js';

/** Element types whose bytes are read and written here, little-endian. */
const binaryTypes: Readonly<Record<string, { bytes: number; write: Writer; read: Reader }>> = {
  FP32: {
    bytes: 4,
    write: (view, at, value) => view.setFloat32(at, value, true),
    read: (view, at) => view.getFloat32(at, true),
  },
  FP64: {
    bytes: 8,
    write: (view, at, value) => view.setFloat64(at, value, true),
    read: (view, at) => view.getFloat64(at, true),
  },
};
type Writer = (view: DataView, at: number, value: number) => void;
type Reader = (view: DataView, at: number) => number;

/** What the server says about an input or an output of the model. */
interface TensorInfo {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

const lengthHeader = 'inference-header-content-length';

/**
 * The Open Inference Protocol, which is KServe's v2 and that of Triton, MLServer and OpenVINO. Numbers travel
 * as bytes where the server has the extension `binary_tensor_data` and both sides are FP32 or FP64.
 */
export async function openInferenceProtocol(connection: Connection): Promise<Protocol> {
  const { url } = connection;
  const match = /^(.*\/v2)(\/models\/[^/]+(?:\/versions\/[^/]+)?)(?:\/infer|\/ready)?\/?$/.exec(url.pathname);
  if (match === null) {
    throw new InputError(
      `${url.origin}${url.pathname} names no model, expected an address such as http://host:8000/v2/models/NAME`,
    );
  }
  const [, root, model] = match;
  const metadata = await connection.get(withPath(url, root + model));
  if (metadata === undefined)
    throw new InputError(`${url.origin}${root}${model} is not there, expected the metadata of a model`);
  const input = choose(field(metadata, 'inputs'), connection.input, 'input');
  const output = choose(field(metadata, 'outputs'), connection.output, 'output');
  const { isFlat, tail, rows, inputDimension } = queryShape(input, connection.inputDimension);
  const extensions = field(await connection.get(withPath(url, root)), 'extensions');
  const isBinary =
    Array.isArray(extensions) &&
    extensions.some((name) => /^(binary_tensor_data|binary_data)$/.test(String(name))) &&
    input.datatype in binaryTypes &&
    output.datatype in binaryTypes;
  const outputTail = knownTail(output.shape);
  const infer = withPath(url, `${root}${model}/infer`);
  return {
    description: `Open Inference v2, ${isBinary ? 'binary' : 'JSON'} ${input.datatype}`,
    inputDimension,
    ...(outputTail && { outputDimension: sizeOfTail(outputTail) }),
    ...(rows !== undefined && { largestBatch: rows }),
    encode(queries, count) {
      const size = rows ?? count;
      const inputs = new Float64Array(size * inputDimension);
      inputs.set(queries);
      const shape = [...(isFlat ? [] : [size]), ...(tail ?? [inputDimension])];
      const tensor = { name: input.name, shape, datatype: input.datatype };
      return isBinary
        ? encodeBinary(infer, tensor, inputs, output.name)
        : {
            url: infer,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({
              inputs: [{ ...tensor, data: Array.from(inputs) }],
              outputs: [{ name: output.name }],
            }),
          };
    },
    decode(reply, count) {
      const size = rows ?? count;
      const answers = decodeReply(reply, size, output);
      return answers.slice(0, (answers.length / size) * count);
    },
  };
}

/**
 * How queries lie in an input: a model without an axis for them, or with one of a fixed size, takes so many `rows` in a
 * request, no fewer. Throws `InputError` where the number of inputs is not known, or another one is told.
 */
function queryShape({ name, shape }: TensorInfo, told: number | undefined) {
  const isFlat = shape.length === 1 && shape[0] > 0;
  const tail = isFlat ? shape : knownTail(shape);
  const rows = isFlat ? 1 : shape[0] > 0 ? shape[0] : undefined;
  const inputDimension = told ?? (tail && sizeOfTail(tail));
  if (inputDimension === undefined || (tail !== undefined && sizeOfTail(tail) !== inputDimension)) {
    const expected =
      tail === undefined ? '--input-dimension' : `${sizeOfTail(tail)} inputs and not ${inputDimension}`;
    throw new InputError(`input '${name}' has the shape [${shape.join(', ')}], expected ${expected}`);
  }
  return { isFlat, tail, rows, inputDimension };
}

function encodeBinary(
  url: string,
  tensor: { name: string; shape: number[]; datatype: string },
  inputs: Float64Array,
  output: string,
): Encoded {
  const { bytes, write } = binaryTypes[tensor.datatype];
  const size = bytes * inputs.length;
  const json = new TextEncoder().encode(
    JSON.stringify({
      inputs: [{ ...tensor, parameters: { binary_data_size: size } }],
      outputs: [{ name: output, parameters: { binary_data: true } }],
    }),
  );
  const body = new Uint8Array(json.length + size);
  body.set(json);
  const view = new DataView(body.buffer, json.length);
  inputs.forEach((value, i) => {
    write(view, i * bytes, value);
  });
  return {
    url,
    headers: { 'content-type': 'application/octet-stream', [lengthHeader]: String(json.length) },
    body,
  };
}

function decodeReply({ headers, bytes }: Reply, count: number, output: TensorInfo): Float64Array {
  const length = headers.get(lengthHeader);
  const end = length === null ? bytes.length : Number(length);
  if (!Number.isSafeInteger(end) || end < 0 || end > bytes.length) {
    throw new InputError(`answered a header of ${length} bytes in ${bytes.length}, expected a part of them`);
  }
  const outputs = field(parseJson(bytes.subarray(0, end)), 'outputs');
  if (!Array.isArray(outputs))
    throw new InputError(`answered no field 'outputs', expected a list of tensors`);
  let at = end;
  for (const tensor of outputs) {
    const size = field(field(tensor, 'parameters'), 'binary_data_size');
    if (field(tensor, 'name') !== output.name) {
      at += typeof size === 'number' ? size : 0;
      continue;
    }
    const type = String(field(tensor, 'datatype') ?? output.datatype);
    const shape = shapeFor(field(tensor, 'shape'), count);
    if (size === undefined) {
      const data = field(tensor, 'data');
      const answers = readFlat(data, shape);
      return type === 'FP32' ? answers.map(Math.fround) : answers;
    }
    return readBinary(bytes, at, size, type, shape);
  }
  throw new InputError(`answered no output '${output.name}', expected it`);
}

/** The shape of an answer with the axis of the queries, which a model that takes one at a time may leave out. */
function shapeFor(shape: unknown, count: number): readonly number[] {
  if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n > 0)) {
    throw new InputError(
      `answered the shape ${JSON.stringify(shape)?.slice(0, 60)}, expected positive integers`,
    );
  }
  const sizes: readonly number[] = shape;
  if (sizes[0] !== count && count === 1) return [1, ...sizes];
  if (sizes[0] !== count) {
    throw new InputError(
      `answered the shape [${sizes.join(', ')}] to ${count} queries, expected a row a query`,
    );
  }
  return sizes;
}

function readFlat(data: unknown, shape: readonly number[]): Float64Array {
  // some servers nest the data as the shape says, others do not
  const flat = Array.isArray(data) ? data.flat(Number.POSITIVE_INFINITY) : data;
  return readRows(flat, sizeOfTail(shape), 'numbers');
}

function readBinary(
  bytes: Uint8Array,
  at: number,
  size: unknown,
  type: string,
  shape: readonly number[],
): Float64Array {
  const element = binaryTypes[type];
  const expected = (element?.bytes ?? 0) * sizeOfTail(shape);
  if (element === undefined || size !== expected || at + expected > bytes.length) {
    throw new InputError(
      `answered ${String(size)} bytes of ${type.slice(0, 20)} for the shape [${shape.join(', ')}], expected FP32 or FP64 of that shape`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, expected);
  return Float64Array.from({ length: sizeOfTail(shape) }, (_, i) => element.read(view, i * element.bytes));
}

function choose(infos: unknown, name: string | undefined, what: string): TensorInfo {
  const known = (Array.isArray(infos) ? infos : []).map((info) => ({
    name: String(field(info, 'name')),
    datatype: String(field(info, 'datatype')),
    shape: Array.isArray(field(info, 'shape')) ? (field(info, 'shape') as unknown[]).map(Number) : [],
  }));
  const list =
    known
      .slice(0, 8)
      .map((info) => info.name)
      .join(', ') || 'none';
  const found =
    name === undefined && known.length === 1 ? known[0] : known.find((info) => info.name === name);
  if (found === undefined) {
    const expected = name === undefined ? `--${what} to name one` : `'${name}'`;
    throw new InputError(`the model has the ${what}s ${list}, expected ${expected}`);
  }
  if (!/^(FP|BF)\d/.test(found.datatype)) {
    throw new InputError(
      `${what} '${found.name}' holds ${found.datatype.slice(0, 20)}, expected floating point`,
    );
  }
  return found;
}
