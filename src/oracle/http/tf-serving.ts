import { InputError } from '../../base/errors.js';
import { field, knownTail, nest, parseJson, readRows, sizeOfTail } from './json.js';
import { type Connection, type Protocol, rowsOf, withPath } from './protocol.js';

/** What the server says about an input or an output of the model. */
interface TensorInfo {
  readonly name: string;
  readonly isFloat32: boolean;
  /** Sizes of the axes; −1 where they are not fixed. */
  readonly shape: readonly number[];
}

const metadataHint = 'expected a model address such as http://host:8501/v1/models/NAME';

/**
 * TensorFlow Serving's REST protocol, which KServe calls v1: `{"instances": […]}` is answered by
 * `{"predictions": […]}`. The number of inputs comes from the model's metadata, where the server has them.
 */
export async function tfServingProtocol(connection: Connection): Promise<Protocol> {
  const { url } = connection;
  const match =
    /^(.*\/v1\/models\/[^/:]+(?:\/(?:versions|labels)\/[^/:]+)?)(?::predict|\/metadata)?\/?$/.exec(
      url.pathname,
    );
  if (match === null) throw new InputError(`${url.origin}${url.pathname} names no model, ${metadataHint}`);
  const [, path] = match;
  const signature = signatureOf(await connection.get(withPath(url, `${path}/metadata`)));
  const input = choose(signature?.inputs, connection.input, 'input');
  const output = choose(signature?.outputs, connection.output, 'output');
  const tail = input && knownTail(input.shape);
  const inputDimension = connection.inputDimension ?? (tail && sizeOfTail(tail));
  if (inputDimension === undefined) {
    throw new InputError(
      `${url.origin}${path} does not tell how many inputs there are, expected --input-dimension`,
    );
  }
  if (tail !== undefined && sizeOfTail(tail) !== inputDimension) {
    throw new InputError(
      `${url.origin}${path} has ${sizeOfTail(tail)} inputs, --input-dimension says ${inputDimension}`,
    );
  }
  const outputTail = output && knownTail(output.shape);
  const isNamed = connection.input !== undefined;
  return {
    description: 'TensorFlow Serving',
    inputDimension,
    ...(outputTail && { outputDimension: sizeOfTail(outputTail) }),
    ...(input?.shape[0] === 1 && { largestBatch: 1 }),
    encode(inputs, count) {
      const rows = rowsOf(inputs, count).map((row) => nest(row, tail ?? []));
      const instances = isNamed ? rows.map((row) => ({ [connection.input!]: row })) : rows;
      return {
        url: withPath(url, `${path}:predict`),
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ instances }),
      };
    },
    decode(reply, count) {
      const predictions = field(parseJson(reply.bytes), 'predictions');
      if (predictions === undefined) {
        throw new InputError(`answered no field 'predictions', expected {"predictions": [[…], …]}`);
      }
      const rows = Array.isArray(predictions)
        ? predictions.map((row) => pick(row, connection.output))
        : predictions;
      const answers = readRows(rows, count, 'predictions');
      return output?.isFloat32 === true ? answers.map(Math.fround) : answers;
    },
  };
}

/** The output that is meant in the answer of a model with several. */
function pick(row: unknown, output: string | undefined): unknown {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return row;
  const names = Object.keys(row);
  if (output === undefined && names.length === 1) return field(row, names[0]);
  const list = names.slice(0, 8).join(', ');
  if (output === undefined) {
    throw new InputError(`answered the outputs ${list}, expected --output to name one`);
  }
  const found = field(row, output);
  if (found === undefined) throw new InputError(`answered the outputs ${list}, expected '${output}'`);
  return found;
}

function signatureOf(metadata: unknown) {
  const signatures = field(field(field(metadata, 'metadata'), 'signature_def'), 'signature_def');
  const signature = field(signatures, 'serving_default');
  if (signature === undefined) return undefined;
  return { inputs: tensors(field(signature, 'inputs')), outputs: tensors(field(signature, 'outputs')) };
}

function tensors(infos: unknown): TensorInfo[] {
  return Object.entries((infos ?? {}) as Record<string, unknown>).map(([name, info]) => {
    const axes = field(field(info, 'tensor_shape'), 'dim');
    return {
      name,
      isFloat32: field(info, 'dtype') === 'DT_FLOAT',
      shape: Array.isArray(axes) ? axes.map((axis) => Number(field(axis, 'size'))) : [],
    };
  });
}

function choose(infos: readonly TensorInfo[] | undefined, name: string | undefined, what: string) {
  if (infos === undefined || infos.length === 0) return undefined;
  const list = infos
    .slice(0, 8)
    .map((info) => info.name)
    .join(', ');
  if (name === undefined && infos.length > 1) {
    throw new InputError(`the model has the ${what}s ${list}, expected --${what} to name one`);
  }
  const found = name === undefined ? infos[0] : infos.find((info) => info.name === name);
  if (found === undefined) throw new InputError(`the model has the ${what}s ${list}, expected '${name}'`);
  return found;
}
