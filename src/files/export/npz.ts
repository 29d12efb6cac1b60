import { zipSync } from 'fflate';
import { describeHead } from '../../network/head-text.js';
import { normArrays } from '../../network/norm-names.js';
import { nameOfPath } from '../../network/path-names.js';
import type { Network } from '../../records.js';
import { describeNetwork } from './onnx.js';
import { bytesOf } from './onnx-nodes.js';

/** One array of an NPZ file: float64, row-major. */
export interface NpzArray {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Time stamp of the entries: the same content gives the same bytes. */
const epoch = new Date(1980, 0, 1);

/** Arrays as NumPy's NPZ file, uncompressed as `numpy.savez` writes it; a string becomes an array of one string. */
export function encodeNpz(arrays: Readonly<Record<string, NpzArray | string>>): Uint8Array {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)] as const);
  return zipSync(Object.fromEntries(files), { level: 0, mtime: epoch });
}

/**
 * A network as an NPZ file: the names are those of the safetensors file ("0.weight" outputs × inputs,
 * "0.bias", "2.weight", …), `activation` and `slope` are arrays of one entry, and so is `head` where there is one, with
 * its limits in `head_lower` and `head_upper` as text with commas. Linear paths are "path.0.2.weight", from the inputs to
 * the sums of layer 2.
 */
export function encodeNetworkNpz(network: Network): Uint8Array {
  const arrays: Record<string, NpzArray | string> = {};
  for (const [index, { inputs, outputs, weights, biases }] of network.layers.entries()) {
    arrays[`${2 * index}.weight`] = { shape: [outputs, inputs], values: weights };
    arrays[`${2 * index}.bias`] = { shape: [outputs], values: biases };
  }
  for (const { name, values } of normArrays(network)) arrays[name] = { shape: [values.length], values };
  for (const path of network.paths ?? []) {
    const { outputs } = network.layers[path.to - 1];
    arrays[nameOfPath(path)] = { shape: [outputs, path.weights.length / outputs], values: path.weights };
  }
  arrays.activation = describeNetwork(network).activation;
  if (network.head !== undefined) Object.assign(arrays, describeHead(network.head));
  if (network.slopes !== undefined) arrays.slopes = describeNetwork(network).slopes;
  if (network.norms !== undefined) arrays.epsilon = describeNetwork(network).epsilon;
  arrays.slope = { shape: [], values: Float64Array.of(network.slope) };
  return encodeNpz(arrays);
}

/** NPY of version 1.0: magic, header padded to 64 bytes, data. */
export function encodeNpy(array: NpzArray | string): Uint8Array {
  const isText = typeof array === 'string';
  const shape = isText ? [] : array.shape;
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const type = isText ? `<U${array.length}` : '<f8';
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const data = isText ? utf32(array) : bytesOf(array.values);
  const file = new Uint8Array(10 + padded.length + data.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 255, padded.length >> 8]);
  file.set(new TextEncoder().encode(padded), 10);
  file.set(data, 10 + padded.length);
  return file;
}

function utf32(text: string): Uint8Array {
  const bytes = new Uint8Array(4 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint32(4 * i, text.charCodeAt(i), true);
  return bytes;
}
