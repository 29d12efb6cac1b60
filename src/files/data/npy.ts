import { InputError } from '../../base/errors.js';
import { type ColumnChoice, chooseColumns } from './columns.js';
import { halfToNumber } from './half.js';
import { readNpyHeader } from './npy-header.js';
import type { Table } from './table.js';

/** Most numbers that an array may hold: 2 GiB in float64. */
const largestCount = 2 ** 28;

/** A matrix of finite numbers, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

interface ElementType {
  readonly bytes: number;
  read(view: DataView, offset: number, isLittle: boolean): number | bigint;
}

const elementTypes: Readonly<Record<string, ElementType>> = {
  f2: { bytes: 2, read: (view, offset, isLittle) => halfToNumber(view.getUint16(offset, isLittle)) },
  f4: { bytes: 4, read: (view, offset, isLittle) => view.getFloat32(offset, isLittle) },
  f8: { bytes: 8, read: (view, offset, isLittle) => view.getFloat64(offset, isLittle) },
  i1: { bytes: 1, read: (view, offset) => view.getInt8(offset) },
  i2: { bytes: 2, read: (view, offset, isLittle) => view.getInt16(offset, isLittle) },
  i4: { bytes: 4, read: (view, offset, isLittle) => view.getInt32(offset, isLittle) },
  i8: { bytes: 8, read: (view, offset, isLittle) => view.getBigInt64(offset, isLittle) },
  u1: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
  u2: { bytes: 2, read: (view, offset, isLittle) => view.getUint16(offset, isLittle) },
  u4: { bytes: 4, read: (view, offset, isLittle) => view.getUint32(offset, isLittle) },
  u8: { bytes: 8, read: (view, offset, isLittle) => view.getBigUint64(offset, isLittle) },
  b1: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
};

/**
 * Reads an NPY array of numbers as a matrix: one row for every entry of the first axis, the others flattened.
 * `label` names the array in messages, and is empty for a file of its own. An array without axes is a single
 * number where `takesScalars` says so. Throws `InputError`, less the
 * file's name, before anything is allocated when the header asks for more than the bytes hold.
 */
export function readNpy(bytes: Uint8Array, label: string, takesScalars = false): Matrix {
  const inArray = (message: string) => new InputError(label === '' ? message : `array '${label}' ${message}`);
  const { type, fortranOrder, shape, offset } = labelled(() => readNpyHeader(bytes));
  const kind = type.slice(1);
  const element = /^[<>|]/.test(type) && Object.hasOwn(elementTypes, kind) ? elementTypes[kind] : undefined;
  if (element === undefined) {
    throw inArray(`holds elements of type '${type}', expected integers, float16, float32 or float64`);
  }
  const isLittle = type[0] !== '>';
  const size = shape.reduce((product, n) => product * n, 1);
  if ((shape.length === 0 && !takesScalars) || size === 0) {
    throw inArray(`has the shape (${shape.join(', ')}), expected rows of numbers`);
  }
  if (size > largestCount) throw inArray(`holds ${size} numbers, expected at most ${largestCount}`);
  const held = bytes.length - offset;
  if (held !== size * element.bytes) {
    throw inArray(`holds ${held} bytes of data, expected ${size * element.bytes} by its header`);
  }
  const [rows = 1] = shape;
  const columns = size / rows;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, held);
  const data = new Float64Array(size);
  const places = fortranOrder ? fortranPlaces(shape) : undefined;
  for (let i = 0; i < size; i++) {
    const value = element.read(
      view,
      (places ? places[i % columns] + Math.floor(i / columns) : i) * element.bytes,
      isLittle,
    );
    const number = Number(value);
    const isExact = typeof value === 'number' || Number.isSafeInteger(number);
    if (!Number.isFinite(number) || !isExact) {
      const expected = isExact ? 'a finite number' : 'integers below 2⁵³';
      const place = `row ${Math.floor(i / columns)}, column ${i % columns} (counted from 0)`;
      throw inArray(`holds ${value} in ${place}, expected ${expected}`);
    }
    data[i] = number;
  }
  return { rows, columns, data };

  function labelled<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw error instanceof InputError ? inArray(error.message) : error;
    }
  }
}

/** For every column of the matrix, where its first row lies in an array whose first axis runs fastest. */
function fortranPlaces(shape: readonly number[]): Float64Array {
  let places = Float64Array.of(0);
  let stride = shape[0];
  for (const n of shape.slice(1)) {
    const wider = new Float64Array(places.length * n);
    for (let j = 0; j < places.length; j++) {
      for (let i = 0; i < n; i++) wider[j * n + i] = places[j] + i * stride;
    }
    places = wider;
    stride *= n;
  }
  return places;
}

/** The table in an NPY file: a matrix whose columns are chosen by position. */
export function tableFromNpy(bytes: Uint8Array, choice: ColumnChoice): Table {
  const { rows, columns, data } = readNpy(bytes, '');
  const { inputs, outputs } = chooseColumns(choice, undefined, columns);
  const pick = (chosen: readonly number[]) => {
    const picked = new Float64Array(rows * chosen.length);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < chosen.length; c++) picked[r * chosen.length + c] = data[r * columns + chosen[c]];
    }
    return picked;
  };
  return {
    inputs: pick(inputs),
    outputs: pick(outputs),
    count: rows,
    inputDimension: inputs.length,
    outputDimension: outputs.length,
  };
}
