import { firstNonFinite } from '../../base/checks.js';
import { InputError } from '../../base/errors.js';
import { defaultLeakySlope } from '../../network/activations.js';
import { headOf } from '../../network/head-text.js';
import { activationsFromText, slopesFromText } from '../../network/layer-names.js';
import { isOfNorm, normsFromArrays } from '../../network/norm-names.js';
import { isPath, pathsFromArrays } from '../../network/path-names.js';
import type { Layer, Network } from '../../records.js';

/** An entry of the header: where a tensor lies in the bytes after it. */
interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const numberBytes: Readonly<Record<string, number>> = { F64: 8, F32: 4 };

/**
 * Reads a safetensors file as `encodeSafetensors` writes it: tensors "0.weight", "0.bias", "2.weight", … of
 * float64 or float32, and the activation in the metadata. Throws `InputError`, naming the file, for any other
 * content; sizes are checked before anything is allocated.
 */
export function readSafetensorsNetwork(bytes: Uint8Array, fileName: string): Network {
  try {
    return decode(bytes);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${fileName}: ${error.message}`, { cause: error });
  }
}

function decode(bytes: Uint8Array): Network {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? -1 : Number(view.getBigUint64(0, true));
  if (length < 2 || length > bytes.length - 8) {
    throw new InputError('is not a safetensors file, or is cut short');
  }
  const { __metadata__: metadata, ...entries } = readHeader(bytes.subarray(8, 8 + length));
  const data = bytes.subarray(8 + length);
  const ofPaths = Object.keys(entries).filter((name) => isPath({ name }));
  const ofNorms = Object.keys(entries).filter((name) => isOfNorm({ name }));
  const count = (Object.keys(entries).length - ofPaths.length - ofNorms.length) / 2;
  if (!(Number.isInteger(count) && count >= 2)) {
    throw new InputError(
      `holds ${2 * count} tensors, expected a weight and a bias for each of two or more layers`,
    );
  }
  const named = readMetadata(metadata, count - 1);
  const layers = Array.from({ length: count }, (_, index): Layer => {
    const [outputs, inputs] = shapeOf(entries, `${2 * index}.weight`, 2);
    const weights = readTensor(entries, `${2 * index}.weight`, [outputs, inputs], data);
    const biases = readTensor(entries, `${2 * index}.bias`, [outputs], data);
    return { inputs, outputs, weights, biases };
  });
  for (let index = 1; index < count; index++) {
    if (layers[index].inputs !== layers[index - 1].outputs) {
      const expected = layers[index - 1].outputs;
      throw new InputError(
        `'${2 * index}.weight' takes ${layers[index].inputs} inputs, expected ${expected}`,
      );
    }
  }
  const head = headOf((metadata ?? {}) as Record<string, unknown>, layers[count - 1].outputs);
  const arrays = ofPaths.map((name) => {
    const shape = shapeOf(entries, name, 2);
    return { name, shape, data: readTensor(entries, name, shape, data) };
  });
  const paths = pathsFromArrays(arrays, layers);
  const ownNorms = ofNorms.map((name) => {
    const shape = shapeOf(entries, name, 1);
    return { name, shape, data: readTensor(entries, name, shape, data) };
  });
  const { epsilon } = (metadata ?? {}) as { epsilon?: unknown };
  const norms = normsFromArrays(ownNorms, epsilon, layers);
  const ofNeurons = slopesFromText((metadata as { slopes?: unknown } | undefined)?.slopes, layers);
  return {
    ...named,
    ...ofNeurons,
    ...(norms && { norms }),
    layers,
    ...(paths.length > 0 && { paths }),
    ...(head && { head }),
  };
}

function readHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) return { ...header };
  } catch {}
  throw new InputError('is not a safetensors file: its header is no JSON object');
}

function readMetadata(
  metadata: unknown,
  hidden: number,
): Pick<Network, 'activation' | 'activations' | 'slope'> {
  const { activation, slope } = (metadata ?? {}) as Record<string, unknown>;
  if (typeof activation !== 'string')
    throw new InputError('names no activation in its metadata, expected --activation with its name');
  const own = activationsFromText(activation, hidden);
  if (own.activation !== 'leaky_relu') return { ...own, slope: defaultLeakySlope };
  const value = typeof slope === 'string' && slope.trim() !== '' ? Number(slope) : Number.NaN;
  if (!Number.isFinite(value))
    throw new InputError(`has the slope '${String(slope)}' in its metadata, expected a number`);
  return { ...own, slope: value };
}

function entryOf(entries: Record<string, unknown>, name: string): Entry {
  const entry = entries[name] as Partial<Entry> | undefined;
  if (entry === undefined) throw new InputError(`holds no tensor '${name}'`);
  const { dtype, shape, data_offsets: offsets } = entry ?? {};
  const isSize = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
  const valid =
    typeof dtype === 'string' &&
    Array.isArray(shape) &&
    shape.every(isSize) &&
    Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every(isSize);
  if (!valid) throw new InputError(`describes tensor '${name}' without a type, a shape or offsets`);
  return entry as Entry;
}

function shapeOf(entries: Record<string, unknown>, name: string, rank: number): readonly number[] {
  const { shape } = entryOf(entries, name);
  if (shape.length !== rank || shape.includes(0)) {
    throw new InputError(`tensor '${name}' has shape (${shape.join(', ')}), expected ${rank} axes`);
  }
  return shape;
}

function readTensor(
  entries: Record<string, unknown>,
  name: string,
  expected: readonly number[],
  data: Uint8Array,
): Float64Array {
  const { dtype, data_offsets: offsets } = entryOf(entries, name);
  const shape = shapeOf(entries, name, expected.length);
  if (!shape.every((n, axis) => n === expected[axis])) {
    throw new InputError(
      `tensor '${name}' has shape (${shape.join(', ')}), expected (${expected.join(', ')})`,
    );
  }
  const width = numberBytes[dtype];
  if (width === undefined) throw new InputError(`tensor '${name}' holds ${dtype}, expected F64 or F32`);
  const size = shape.reduce((product, n) => product * n, 1);
  const [start, end] = offsets;
  if (end - start !== size * width || end > data.length) {
    throw new InputError(
      `tensor '${name}' lies in bytes ${start} to ${end}, expected ${size * width} bytes of ${data.length}`,
    );
  }
  const view = new DataView(data.buffer, data.byteOffset + start, size * width);
  const values = new Float64Array(size);
  for (let i = 0; i < size; i++)
    values[i] = width === 8 ? view.getFloat64(i * 8, true) : view.getFloat32(i * 4, true);
  const place = firstNonFinite(values);
  if (place >= 0) throw new InputError(`tensor '${name}' holds ${values[place]}, expected finite numbers`);
  return values;
}
