import { InputError } from '../../base/errors.js';

/** What the header of an NPY file says, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. */
export interface NpyHeader {
  /** NumPy's name of the element type, such as `<f8`. */
  readonly type: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the data begin. */
  readonly offset: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Whether bytes begin as an NPY file does. */
export const isNpy = (bytes: Uint8Array) => magic.every((byte, i) => bytes[i] === byte);

/** Longest header that is read: no array of numbers has one of more than a few hundred bytes. */
const longestHeader = 65_536;

/** Reads the header of an NPY file of version 1, 2 or 3; throws `InputError` less the file's name. */
export function readNpyHeader(bytes: Uint8Array): NpyHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isNpy(bytes) || bytes.length < 12) throw new InputError('is no NPY array, or is cut short');
  const version = bytes[6];
  if (version < 1 || version > 3) throw new InputError(`is NPY of version ${version}, expected 1, 2 or 3`);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const offset = start + length;
  if (length > longestHeader || offset > bytes.length)
    throw new InputError('is an NPY array that is cut short');
  const text = new TextDecoder('latin1').decode(bytes.subarray(start, offset));
  // a literal of Python: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
  const type = /'descr': *'([^']{1,20})'/.exec(text)?.[1];
  const order = /'fortran_order': *(True|False)/.exec(text)?.[1];
  const sizes = /'shape': *\(([\d, ]*)\)/.exec(text)?.[1];
  if (type === undefined && /'descr': *\[/.test(text)) {
    throw new InputError('is an NPY array of records, expected one of numbers');
  }
  if (type === undefined || order === undefined || sizes === undefined) {
    throw new InputError('is an NPY array whose header cannot be read');
  }
  const shape = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  if (!shape.every(Number.isSafeInteger)) {
    throw new InputError(`is an NPY array of shape (${sizes.slice(0, 60)}), expected integers`);
  }
  return { type, fortranOrder: order === 'True', shape, offset };
}
