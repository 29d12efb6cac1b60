import { zipSync } from 'fflate';
import type { Dataset } from '../../records.js';

/** An array of numbers, row by row, as NumPy's files hold it. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Time stamp of the entries: the same content gives the same bytes. */
const epoch = new Date(1980, 0, 1);

/** Arrays as NumPy's NPZ file, uncompressed as `numpy.savez` writes it; a string becomes an array of one string. */
export function encodeNpz(
  arrays: Readonly<Record<string, NpyArray | string>>,
  mayBeSingle = false,
): Uint8Array {
  const files = Object.entries(arrays).map(
    ([name, array]) => [`${name}.npy`, encodeNpy(array, mayBeSingle)] as const,
  );
  return zipSync(Object.fromEntries(files), { level: 0, mtime: epoch });
}

/**
 * An array as an NPY file of version 1.0, magic, header padded to 64 bytes, data: of float32 where that holds every number
 * exactly and `mayBeSingle`, of float64 otherwise; a string as an array of one string.
 */
export function encodeNpy(array: NpyArray | string, mayBeSingle = false): Uint8Array {
  const isText = typeof array === 'string';
  const shape = isText ? [] : array.shape;
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const isSingle = mayBeSingle && !isText && array.values.every((value) => Math.fround(value) === value);
  const type = isText ? `<U${array.length}` : isSingle ? '<f4' : '<f8';
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const data = isText ? utf32(array) : bytesOf(array.values, isSingle ? 'float32' : 'float64');
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

/** Numbers as the bytes of a file, little-endian. */
export function bytesOf(
  values: ArrayLike<number>,
  precision: 'float32' | 'float64' = 'float64',
): Uint8Array<ArrayBuffer> {
  const size = precision === 'float32' ? 4 : 8;
  const view = new DataView(new ArrayBuffer(values.length * size));
  for (let i = 0; i < values.length; i++) {
    if (size === 4) view.setFloat32(i * 4, values[i], true);
    else view.setFloat64(i * 8, values[i], true);
  }
  return new Uint8Array(view.buffer);
}

/** Pairs as an NPZ file with the arrays `inputs` and `outputs`; float32 as in `encodeNpy`. */
export function encodePairs(
  { inputs, outputs, count, inputDimension, outputDimension }: Dataset,
  mayBeSingle = false,
): Uint8Array {
  const arrays = {
    inputs: { shape: [count, inputDimension], values: inputs },
    outputs: { shape: [count, outputDimension], values: outputs },
  };
  return encodeNpz(arrays, mayBeSingle);
}

/** Pairs as CSV with a header: x0, x1, … and y0, y1, … */
export function encodeCsv({
  inputs,
  outputs,
  count,
  inputDimension: d,
  outputDimension: o,
}: Dataset): string {
  const names = (letter: string, length: number) => Array.from({ length }, (_, i) => `${letter}${i}`);
  const lines = [[...names('x', d), ...names('y', o)].join(',')];
  for (let n = 0; n < count; n++) {
    lines.push([...inputs.subarray(n * d, (n + 1) * d), ...outputs.subarray(n * o, (n + 1) * o)].join(','));
  }
  return `${lines.join('\n')}\n`;
}
