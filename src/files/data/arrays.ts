import { InputError } from '../../base/errors.js';
import type { ColumnChoice } from './columns.js';
import type { NamedArray } from './safetensors.js';
import type { Table } from './table.js';

/** Names of the two arrays, in the order in which they are looked for; upper and lower case are the same. */
const usualNames = [
  { inputs: 'inputs', outputs: 'outputs' },
  { inputs: 'x', outputs: 'y' },
  { inputs: 'x_train', outputs: 'y_train' },
];

/**
 * Names of the array of inputs and of that of outputs among `names`: those chosen, or the usual ones. Throws
 * `InputError`, less the file's name, when there are none.
 */
export function chooseArrays(
  names: readonly string[],
  choice: ColumnChoice,
): { inputs: string; outputs: string } {
  const find = (wanted: string) =>
    names.includes(wanted) ? wanted : names.find((name) => name.toLowerCase() === wanted.toLowerCase());
  const list = names.slice(0, 12).map((name) => `'${name.slice(0, 40)}'`);
  const held = `${list.join(', ')}${names.length > list.length ? ', …' : ''}` || 'none';
  const get = (wanted: string) => {
    const found = find(wanted);
    if (found === undefined) throw new InputError(`has no array '${wanted}' (it has ${held})`);
    return found;
  };
  const inputs = choice.inputs === undefined ? undefined : get(choice.inputs);
  const outputs = choice.outputs === undefined ? undefined : get(choice.outputs);
  for (const usual of usualNames) {
    const [x, y] = [inputs ?? find(usual.inputs), outputs ?? find(usual.outputs)];
    if (x === undefined || y === undefined) continue;
    if (x === y) throw new InputError(`has the array '${x}' chosen as inputs and as outputs`);
    return { inputs: x, outputs: y };
  }
  throw new InputError(`has the arrays ${held}, expected inputs and outputs, or x and y`);
}

/** Rows of numbers of a file. */
interface ArrayRows {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** The table of two arrays, of which each row of one belongs to a row of the other. */
export function pairRows(inputs: ArrayRows, outputs: ArrayRows, { x, y }: { x: string; y: string }): Table {
  if (inputs.rows !== outputs.rows) {
    throw new InputError(`has ${inputs.rows} rows in '${x}' and ${outputs.rows} in '${y}', expected as many`);
  }
  return {
    inputs: inputs.data,
    outputs: outputs.data,
    count: inputs.rows,
    inputDimension: inputs.columns,
    outputDimension: outputs.columns,
  };
}

/** The table of two arrays of a file: one row for every entry of their first axes, the others flattened. */
export function tableFromArrays(arrays: readonly NamedArray[], choice: ColumnChoice): Table {
  const { inputs: x, outputs: y } = chooseArrays(
    arrays.map(({ name }) => name),
    choice,
  );
  const [inputs, outputs] = [x, y].map((name) => {
    const { shape, data } = arrays.find((array) => array.name === name)!;
    if (shape.length === 0 || data.length === 0) {
      throw new InputError(`array '${name}' has the shape (${shape.join(', ')}), expected rows of numbers`);
    }
    return { rows: shape[0], columns: data.length / shape[0], data };
  });
  return pairRows(inputs, outputs, { x, y });
}
