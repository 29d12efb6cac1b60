import { InputError } from '../../base/errors.js';
import { tableFromArrays } from './arrays.js';
import type { ColumnChoice } from './columns.js';
import { parseCsv } from './csv.js';
import { tableFromNpy } from './npy.js';
import { isNpy } from './npy-header.js';
import { isZip, tableFromNpz } from './npz.js';
import { isSafetensors, readSafetensors } from './safetensors.js';
import type { Table } from './table.js';

/** Largest file that is read: about what fits into one string of text. */
export const largestFile = 500_000_000;

/** The table in the bytes of any file but Parquet; `fileName` is for messages. Throws as `readTable` does. */
export function parseTable(bytes: Uint8Array, fileName: string, columns: ColumnChoice = {}): Table {
  try {
    if (bytes.length === 0) throw new InputError('is empty, expected CSV, NPZ, NPY, Parquet or safetensors');
    if (bytes.length > largestFile) {
      throw new InputError(`is ${bytes.length} bytes long, expected at most ${largestFile}`);
    }
    if (isZip(bytes)) return tableFromNpz(bytes, columns);
    if (isNpy(bytes)) return tableFromNpy(bytes, columns);
    if (isSafetensors(bytes)) return tableFromArrays(readSafetensors(bytes).arrays, columns);
    if (bytes.subarray(0, 4096).includes(0)) {
      throw new InputError(
        'is none of the files that are read here, expected CSV, NPZ, NPY, Parquet or safetensors',
      );
    }
    return parseCsv(new TextDecoder().decode(bytes), columns);
  } catch (error) {
    throw inFile(fileName, error);
  }
}

/** An `InputError` with the file's name before its message; anything else as it is. */
export function inFile(fileName: string, error: unknown): unknown {
  if (!(error instanceof InputError)) return error;
  const separator = /^(is|has|holds) /.test(error.message) ? ' ' : ': ';
  // cells and names come from the file: whatever they hold, the message stays one line
  const message = error.message.replaceAll(/\p{Cc}/gu, '�').slice(0, 800);
  return new InputError(`${fileName}${separator}${message}`, { cause: error });
}
