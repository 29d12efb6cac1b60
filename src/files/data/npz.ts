import { unzipSync } from 'fflate';
import { InputError } from '../../base/errors.js';
import { chooseArrays, pairRows } from './arrays.js';
import type { ColumnChoice } from './columns.js';
import { readNpy } from './npy.js';
import { isNpy, readNpyHeader } from './npy-header.js';
import type { NamedArray, Safetensors } from './safetensors.js';
import type { Table } from './table.js';

/** Largest array that is unpacked, in bytes. */
const largestArray = 2 ** 31 - 1;

/** Deflate packs no more than 1032 bytes into one. */
const largestRatio = 1032;

/** Most arrays that a file may hold. */
const mostArrays = 10_000;

/** Whether bytes begin as a ZIP file does, which an NPZ file is. */
export const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] < 8;

/**
 * The table in an NPZ file: one array of inputs and one of outputs, named by `choice` or as usual (inputs and
 * outputs, x and y, x_train and y_train). Throws `InputError` less the file's name.
 */
export function tableFromNpz(bytes: Uint8Array, choice: ColumnChoice): Table {
  const names = arrayNames(bytes);
  const { inputs: x, outputs: y } = chooseArrays(names, choice);
  const unpacked = unzip(bytes, [x, y]);
  const inputs = readNpy(unpacked[`${x}.npy`], x);
  const outputs = readNpy(unpacked[`${y}.npy`], y);
  return pairRows(inputs, outputs, { x, y });
}

/**
 * Every array of numbers in an NPZ file, in the order of the file, and as metadata every array of one word.
 * Throws `InputError` less the file's name.
 */
export function readNpz(bytes: Uint8Array): Safetensors {
  const names = arrayNames(bytes);
  const unpacked = unzip(bytes, names);
  const arrays: NamedArray[] = [];
  const metadata: Record<string, string> = {};
  for (const name of names) {
    const array = unpacked[`${name}.npy`];
    const word = readWord(array);
    if (word !== undefined) {
      metadata[name] = word;
      continue;
    }
    const { type, shape } = readNpyHeader(array);
    arrays.push({ name, type, shape, data: readNpy(array, name, true).data });
  }
  return { arrays, metadata };
}

/** The text of an array that holds one word of at most 64 characters; undefined for any other array. */
function readWord(array: Uint8Array): string | undefined {
  if (!isNpy(array)) return undefined;
  const { type, shape, offset } = readNpyHeader(array);
  const [, length] = /^<U(\d{1,2})$/.exec(type) ?? [];
  const size = shape.reduce((product, n) => product * n, 1);
  if (length === undefined || Number(length) > 64 || size !== 1) return undefined;
  if (array.length - offset !== 4 * Number(length)) return undefined;
  const view = new DataView(array.buffer, array.byteOffset + offset);
  const codes = Array.from({ length: Number(length) }, (_, i) => view.getUint32(4 * i, true));
  if (!codes.every((code) => code < 0x110000)) return undefined;
  return String.fromCodePoint(...codes.filter((code) => code !== 0));
}

/** Names of the arrays in the file, less their ending .npy. */
function arrayNames(bytes: Uint8Array): string[] {
  const names: string[] = [];
  unpack(bytes, ({ name }) => {
    if (names.length === mostArrays) throw new InputError(`holds more than ${mostArrays} arrays`);
    names.push(name);
    return false;
  });
  return names.filter((name) => name.endsWith('.npy')).map((name) => name.slice(0, -4));
}

function unzip(bytes: Uint8Array, names: readonly string[]): Record<string, Uint8Array> {
  const wanted = new Set(names.map((name) => `${name}.npy`));
  const sizes = new Map<string, number>();
  let total = 0;
  const files = unpack(bytes, ({ name, size, originalSize }) => {
    if (!wanted.has(name)) return false;
    if (originalSize > largestArray) {
      throw new InputError(`holds '${name}' of ${originalSize} bytes, expected at most ${largestArray}`);
    }
    if (originalSize > largestRatio * (size + 1)) {
      throw new InputError(`is damaged: '${name}' holds ${size} bytes and claims to be ${originalSize}`);
    }
    total += originalSize;
    if (total > largestArray) {
      throw new InputError(`holds arrays of ${total} bytes, expected at most ${largestArray}`);
    }
    sizes.set(name, originalSize);
    return true;
  });
  for (const [name, size] of sizes) {
    if (files[name]?.length !== size) throw new InputError(`is damaged: '${name}' cannot be unpacked`);
  }
  return files;
}

type Filter = NonNullable<NonNullable<Parameters<typeof unzipSync>[1]>['filter']>;

/** The files for which `filter` says so. Whatever the unpacker throws at damaged bytes becomes an `InputError`. */
function unpack(bytes: Uint8Array, filter: Filter): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError('is no NPZ file, or is damaged', { cause: error });
  }
}
