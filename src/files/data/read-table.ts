import { readFile, stat } from 'node:fs/promises';
import { InputError } from '../../base/errors.js';
import type { Dataset } from '../../records.js';
import type { ColumnChoice } from './columns.js';
import { isParquet } from './parquet-magic.js';
import { inFile, largestFile, parseTable } from './parse-table.js';
import type { Table } from './table.js';

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
