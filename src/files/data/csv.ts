import Papa from 'papaparse';
import { InputError } from '../../base/errors.js';
import { type ChosenColumns, type ColumnChoice, chooseColumns, describeColumn } from './columns.js';
import { numberClasses, type Table } from './table.js';

/** Characters that may stand between the columns. */
const delimiters = [',', ';', '\t'];

/**
 * The table in a CSV text. The delimiter is the comma, semicolon or tab that the first line has most of. The
 * first row is a header when none of its cells is a number. Throws `InputError`, less the file's name.
 */
export function parseCsv(text: string, choice: ColumnChoice): Table {
  const reader = new TableReader(choice);
  let row = 0;
  let failure: unknown;
  Papa.parse<string[]>(text, {
    delimiter: delimiterOf(text),
    step({ data, errors }, parser) {
      row++;
      try {
        if (errors.length > 0) throw new InputError(`row ${row} has quotes that do not match`);
        if (data.length === 1 && data[0].trim() === '') return;
        if (reader.started) reader.add(data, row);
        else reader.start(data, row);
      } catch (error) {
        failure = error;
        parser.abort();
      }
    },
  });
  if (failure !== undefined) throw failure;
  return reader.finish();
}

function delimiterOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const line = text.slice(0, end < 0 ? undefined : end);
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))];
}

/** Numbers in an array that grows. */
class NumberList {
  #values = new Float64Array(1024);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const wider = new Float64Array(2 * this.#length);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#length++] = value;
  }

  toArray = () => this.#values.slice(0, this.#length);
}

/** Collects the rows of a CSV text. */
class TableReader {
  readonly #choice: ColumnChoice;
  readonly #inputs = new NumberList();
  readonly #outputs = new NumberList();
  readonly #classes: string[] = [];
  #names: readonly string[] | undefined;
  #columns: ChosenColumns = { inputs: [], outputs: [] };
  #width = 0;
  #widthRow = 0;
  #count = 0;
  #hasText = false;

  constructor(choice: ColumnChoice) {
    this.#choice = choice;
  }

  get started(): boolean {
    return this.#width > 0;
  }

  /** Takes the first row of the file, as a header if it looks like one. */
  start(first: readonly string[], row: number): void {
    this.#width = first.length;
    this.#widthRow = row;
    if (isHeader(first)) this.#names = first.map((name) => name.trim());
    this.#columns = chooseColumns(this.#choice, this.#names, this.#width);
    if (this.#names === undefined) this.add(first, row);
  }

  add(cells: readonly string[], row: number): void {
    if (cells.length !== this.#width) {
      const expected = `expected ${this.#width} as in row ${this.#widthRow}`;
      throw new InputError(`row ${row} has ${cells.length} columns, ${expected}`);
    }
    const { inputs, outputs } = this.#columns;
    for (const column of inputs) this.#inputs.push(this.#number(cells, row, column));
    if (this.#choice.classes === true && outputs.length === 1) this.#addClass(cells, row, outputs[0]);
    else for (const column of outputs) this.#outputs.push(this.#number(cells, row, column));
    this.#count++;
  }

  finish(): Table {
    if (this.#count === 0) throw new InputError('holds no rows of numbers');
    const { inputs, outputs } = this.#columns;
    const names = this.#names;
    const table: Table = {
      inputs: this.#inputs.toArray(),
      outputs: this.#outputs.toArray(),
      count: this.#count,
      inputDimension: inputs.length,
      outputDimension: outputs.length,
      ...(names && {
        names: { inputs: inputs.map((i) => names[i]), outputs: outputs.map((i) => names[i]) },
      }),
    };
    if (!this.#hasText) return table;
    return { ...table, ...numberClasses(this.#classes) };
  }

  #addClass(cells: readonly string[], row: number, column: number): void {
    const text = cells[column].trim();
    if (text === '') throw this.#wrong(cells, row, column);
    const value = numberIn(text);
    if (value === undefined) this.#hasText = true;
    this.#classes.push(text);
    this.#outputs.push(value ?? Number.NaN);
  }

  #number(cells: readonly string[], row: number, column: number): number {
    const value = numberIn(cells[column]);
    if (value === undefined) throw this.#wrong(cells, row, column);
    return value;
  }

  #wrong(cells: readonly string[], row: number, column: number): InputError {
    const text = cells[column].trim();
    const found = text === '' ? 'is empty' : `holds '${text.slice(0, 60)}'`;
    const place = `row ${row}, ${describeColumn(column, this.#names)}`;
    // a comma between columns would have ended the cell
    const expected = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i.test(text)
      ? 'a decimal point, as `tr , . < FILE > NEW` writes it'
      : 'a finite number';
    return new InputError(`${place} ${found}, expected ${expected}`);
  }
}

/** The finite decimal number that a cell holds; undefined when it holds anything else. */
function numberIn(cell: string): number | undefined {
  const value = Number(cell);
  if (value === 0 && cell.trim() === '') return undefined;
  // Number reads 0x1f, 0b1 and 0o7 too
  return Number.isFinite(value) && !/^\s*0[box]/i.test(cell) ? value : undefined;
}

/**
 * Whether the first row names the columns: it has text, and its numbers, if any, are the positions of three or
 * more columns from 0 or from 1, as in a header `0,1,2,label`. A row of numbers alone is data.
 */
function isHeader(cells: readonly string[]): boolean {
  const offsets = cells.flatMap((cell, column) => {
    const value = numberIn(cell);
    return value === undefined ? [] : [value - column];
  });
  if (offsets.length === 0) return cells.some((cell) => cell.trim() !== '');
  const [first] = offsets;
  const arePositions = offsets.every((offset) => offset === first) && (first === 0 || first === 1);
  return offsets.length >= 3 && offsets.length < cells.length && arePositions;
}
