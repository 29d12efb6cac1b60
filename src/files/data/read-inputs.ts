import { InputError } from '../../base/errors.js';
import { readTable } from './read-table.js';

/** Inputs that a file holds, without answers. */
export interface Inputs {
  /** count × d. */
  readonly inputs: Float64Array;
  readonly count: number;
}

/**
 * Reads the inputs of a target in a data file: the columns that are chosen, all where there are `d`, or all but the last.
 * `flag` is the option that chooses them. Throws `InputError` naming the file when they are not d, or as `readTable` does.
 */
export async function readInputs(
  file: string,
  columns: string | undefined,
  d: number,
  flag: string,
): Promise<Inputs> {
  const table = await readTable(file, { classes: true, ...(columns !== undefined && { inputs: columns }) });
  const { count, inputs, outputs, inputDimension, outputDimension } = table;
  const isAll = columns === undefined && inputDimension + outputDimension === d && table.labels === undefined;
  const width = isAll ? d : inputDimension;
  if (width !== d) {
    throw new InputError(
      `${file} holds ${width} inputs, expected ${d} as the target takes: choose them with ${flag}`,
    );
  }
  if (!isAll) return { inputs, count };
  const all = new Float64Array(count * d);
  for (let n = 0; n < count; n++) {
    all.set(inputs.subarray(n * inputDimension, (n + 1) * inputDimension), n * d);
    all.set(outputs.subarray(n * outputDimension, (n + 1) * outputDimension), n * d + inputDimension);
  }
  return { inputs: all, count };
}
