import { readFile, stat } from 'node:fs/promises';
import { InputError } from '../../base/errors.js';
import type { Dataset } from '../../records.js';
import { tableFromArrays } from './arrays.js';
import type { ColumnChoice } from './columns.js';
import { parseCsv } from './csv.js';
import { tableFromNpy } from './npy.js';
import { isNpy } from './npy-header.js';
import { isZip, tableFromNpz } from './npz.js';
import { isParquet } from './parquet-magic.js';
import { isSafetensors, readSafetensors } from './safetensors.js';
import type { Table } from './table.js';

/** Largest file that is read: about what fits into one string of text. */
const largestFile = 500_000_000;

/**
 * Reads a table from a CSV, NPZ, NPY, Parquet or safetensors file; the file's first bytes tell which it is. In
 * CSV, NPY and Parquet files `columns` names columns, in NPZ and safetensors files arrays. Otherwise the outputs are the last column, or the array that
 * belongs to the inputs. Throws `InputError` naming the file, and row and column where a value is missing or
 * not a finite number.
 */
export async function readTable(path: string, columns: ColumnChoice = {}): Promise<Table> {
  const bytes = await readDataFile(path);
  if (!isParquet(bytes)) return parseTable(bytes, path, columns);
  try {
    // loaded where it is needed: its packages are a quarter of what a start would load
    const { readParquet } = await import('./read-parquet.js');
    return await readParquet(bytes, columns);
  } catch (error) {
    throw inFile(path, error);
  }
}

/** Reads input-output pairs from a file as `readTable` does. */
export async function readPairs(
  path: string,
  columns: Pick<ColumnChoice, 'inputs' | 'outputs'> = {},
): Promise<Dataset> {
  const { inputs, outputs, count, inputDimension, outputDimension } = await readTable(path, columns);
  return { inputs, outputs, count, inputDimension, outputDimension };
}

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
function inFile(fileName: string, error: unknown): unknown {
  if (!(error instanceof InputError)) return error;
  const separator = /^(is|has|holds) /.test(error.message) ? ' ' : ': ';
  // cells and names come from the file: whatever they hold, the message stays one line
  const message = error.message.replaceAll(/\p{Cc}/gu, '�').slice(0, 800);
  return new InputError(`${fileName}${separator}${message}`, { cause: error });
}

async function readDataFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > largestFile) {
      throw new InputError(`${path} is ${size} bytes long, expected at most ${largestFile}`);
    }
    return await readFile(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const found =
      code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`;
    throw new InputError(`${path} ${found}, expected a CSV, NPZ, NPY, Parquet or safetensors file`, {
      cause: error,
    });
  }
}
