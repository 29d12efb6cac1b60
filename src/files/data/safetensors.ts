import { InputError } from '../../base/errors.js';
import { brainToNumber, halfToNumber } from './half.js';

/** An array of a file, as numbers. */
export interface NamedArray {
  readonly name: string;
  /** Name of its element type in the file. */
  readonly type: string;
  readonly shape: readonly number[];
  /** Row by row. */
  readonly data: Float64Array;
}

/** The arrays and the metadata of a safetensors file. */
export interface Safetensors {
  readonly arrays: readonly NamedArray[];
  readonly metadata: Readonly<Record<string, string>>;
}

interface ElementType {
  readonly bytes: number;
  read(view: DataView, offset: number): number;
}

const elementTypes: Readonly<Record<string, ElementType>> = {
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => halfToNumber(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => brainToNumber(view.getUint16(at, true)) },
  I64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  I32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  I16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  I8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  U8: { bytes: 1, read: (view, at) => view.getUint8(at) },
};

/** Longest header that is read: the format allows 100 MB, no network here needs 1. */
const longestHeader = 1_000_000;

/** Whether bytes begin as a safetensors file does: the header's length, and a JSON object. */
export function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10 || bytes[8] !== 0x7b) return false;
  return headerLength(bytes) <= bytes.length - 8;
}

/**
 * Reads every array of a safetensors file (https://huggingface.co/docs/safetensors), in the order of the
 * bytes. Throws `InputError`, less the file's name, for malformed files, element types that are no plain
 * numbers, and NaN and infinity; sizes are compared with the bytes before anything is allocated.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const length = bytes.length < 8 ? Number.NaN : headerLength(bytes);
  if (!(length >= 2 && length <= bytes.length - 8)) {
    throw new InputError('is no safetensors file, or is cut short');
  }
  if (length > longestHeader) {
    throw new InputError(`has a header of ${length} bytes, expected at most ${longestHeader}`);
  }
  const { __metadata__: metadata, ...entries } = parseHeader(bytes.subarray(8, 8 + length));
  const data = bytes.subarray(8 + length);
  const arrays = Object.entries(entries).map(([name, entry]) => describeArray(name, entry, data.length));
  arrays.sort((a, b) => a.start - b.start);
  return {
    arrays: arrays.map(({ start, ...array }) => ({ ...array, data: readArray(array, start, data) })),
    metadata: Object.fromEntries(
      Object.entries((metadata ?? {}) as Record<string, unknown>).filter(
        (pair): pair is [string, string] => typeof pair[1] === 'string',
      ),
    ),
  };
}

function headerLength(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true));
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) return { ...header };
  } catch {}
  throw new InputError('is no safetensors file: its header is no JSON object');
}

/** Checks an entry of the header against the bytes that there are. */
function describeArray(name: string, entry: unknown, held: number) {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const label = `array '${name.slice(0, 60)}'`;
  if (typeof dtype !== 'string' || !areSizes(shape) || !areSizes(offsets) || offsets.length !== 2) {
    throw new InputError(`${label} is described without a type, a shape or offsets`);
  }
  const element = Object.hasOwn(elementTypes, dtype) ? elementTypes[dtype] : undefined;
  if (element === undefined) {
    throw new InputError(`${label} holds ${dtype.slice(0, 20)}, expected F64, F32, F16, BF16 or integers`);
  }
  const [start, end] = offsets;
  const size = shape.reduce((product, n) => product * n, 1);
  if (!Number.isSafeInteger(size) || end - start !== size * element.bytes || end > held) {
    throw new InputError(
      `${label} lies in bytes ${start} to ${end} of ${held}, expected ${size * element.bytes} bytes by its shape`,
    );
  }
  return { name, type: dtype, shape, start };
}

function areSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function readArray({ name, type, shape }: Omit<NamedArray, 'data'>, start: number, bytes: Uint8Array) {
  const element = elementTypes[type];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = shape.reduce((product, n) => product * n, 1);
  const data = new Float64Array(size);
  const columns = Math.max(1, size / (shape[0] ?? 1));
  for (let i = 0; i < size; i++) {
    const value = element.read(view, start + i * element.bytes);
    if (!Number.isFinite(value)) {
      const place = `row ${Math.floor(i / columns)}, column ${i % columns} (counted from 0)`;
      throw new InputError(
        `array '${name.slice(0, 60)}' holds ${value} in ${place}, expected a finite number`,
      );
    }
    data[i] = value;
  }
  return data;
}
