import { type FileMetaData, parquetMetadata, parquetRead, type SchemaElement } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { InputError } from '../../base/errors.js';
import { type ColumnChoice, chooseColumns, describeColumn } from './columns.js';
import { numberClasses, type Table } from './table.js';

/** Most numbers that are read: 2 GiB in float64. */
const largestCount = 2 ** 28;

/** What the metadata of a Parquet file say, checked. */
interface ParquetPlan {
  readonly metadata: FileMetaData;
  /** The columns in their order, and their names. */
  readonly elements: readonly SchemaElement[];
  readonly names: readonly string[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly count: number;
}

/**
 * Reads the metadata of a Parquet file, in time and memory in proportion to its bytes, and chooses the columns.
 * Throws `InputError`, less the file's name.
 */
export function planParquet(bytes: Uint8Array, choice: ColumnChoice): ParquetPlan {
  const metadata = damaged(() => parquetMetadata(bytes));
  const [root, ...elements] = metadata.schema;
  const names = elements.map(({ name }) => name);
  if (!names.every((name) => typeof name === 'string')) throw new InputError('is a damaged Parquet file');
  if (root?.num_children !== elements.length || elements.some(({ num_children }) => num_children)) {
    throw new InputError('holds nested columns, expected plain columns of numbers');
  }
  const { inputs, outputs } = chooseColumns(choice, names, names.length);
  const count = Number(metadata.num_rows);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new InputError(`holds ${count} rows, expected at least one`);
  }
  if (count * (inputs.length + outputs.length) > largestCount) {
    throw new InputError(
      `holds ${count} rows of ${names.length} columns, expected at most ${largestCount} numbers`,
    );
  }
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) throw new InputError(`has several columns '${repeated.slice(0, 60)}'`);
  return { metadata, elements, names, inputs, outputs, count };
}

/**
 * The table in a Parquet file of plain columns, whose compression may be Snappy, GZIP, ZSTD, Brotli or LZ4.
 * Throws `InputError`, less the file's name, with row and column where a value is missing or no finite
 * number, and for damaged files. Its memory and time are bounded by the thread that `readParquet` runs it in.
 */
export async function tableFromParquet(bytes: Uint8Array, choice: ColumnChoice): Promise<Table> {
  const { metadata, elements, names, inputs, outputs, count } = planParquet(bytes, choice);
  const hasClasses = choice.classes === true && outputs.length === 1;
  const x = new Float64Array(count * inputs.length);
  const y = new Float64Array(count * outputs.length);
  for (const [place, column] of inputs.entries()) {
    await readColumn(bytes, metadata, elements[column], (row, value) => {
      x[row * inputs.length + place] = numberOf(value, row, column, names);
    });
  }
  const classes: string[] = [];
  let hasText = false;
  for (const [place, column] of outputs.entries()) {
    await readColumn(bytes, metadata, elements[column], (row, value) => {
      if (hasClasses && typeof value === 'string' && value !== '') {
        hasText = true;
        classes[row] = value;
      } else {
        y[row * outputs.length + place] = numberOf(value, row, column, names);
        if (hasClasses) classes[row] = String(y[row]);
      }
    });
  }
  const table = {
    inputs: x,
    outputs: y,
    count,
    inputDimension: inputs.length,
    outputDimension: outputs.length,
    names: { inputs: inputs.map((i) => names[i]), outputs: outputs.map((i) => names[i]) },
  };
  return hasText ? { ...table, ...numberClasses(classes) } : table;
}

/** Gives every value of a column to `take`, each row once. */
async function readColumn(
  bytes: Uint8Array,
  metadata: FileMetaData,
  { name }: SchemaElement,
  take: (row: number, value: unknown) => void,
): Promise<void> {
  const count = Number(metadata.num_rows);
  const { buffer, byteOffset } = bytes;
  const file = {
    byteLength: bytes.length,
    slice: (start: number, end = bytes.length) =>
      buffer.slice(byteOffset + start, byteOffset + end) as ArrayBuffer,
  };
  let next = 0;
  let failure: unknown;
  const onChunk = ({ columnData, rowStart }: { columnData: ArrayLike<unknown>; rowStart: number }) => {
    if (failure !== undefined) return;
    try {
      if (rowStart !== next || rowStart + columnData.length > count)
        throw new InputError('is a damaged Parquet file');
      for (let i = 0; i < columnData.length; i++) take(next++, columnData[i]);
    } catch (error) {
      failure = error;
    }
  };
  try {
    await parquetRead({ file, metadata, columns: [name], compressors, onChunk });
  } catch (error) {
    failure ??= new InputError('is a damaged Parquet file, or one of a kind that is not read here', {
      cause: error,
    });
  }
  if (failure !== undefined) throw failure;
  if (next !== count) throw new InputError(`is a damaged Parquet file: it holds ${next} of ${count} rows`);
}

function numberOf(value: unknown, row: number, column: number, names: readonly string[]): number {
  const number =
    typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
      ? Number(value)
      : Number.NaN;
  if (Number.isFinite(number) && (typeof value !== 'bigint' || Number.isSafeInteger(number))) return number;
  const isMissing = value === null || value === undefined;
  const found = isMissing ? 'is empty' : `holds '${String(value).slice(0, 60)}'`;
  throw new InputError(
    `row ${row} (counted from 0), ${describeColumn(column, names)} ${found}, expected a finite number`,
  );
}

function damaged<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new InputError('is no Parquet file, or is damaged', { cause: error });
  }
}
