import { InputError } from '../../base/errors.js';
import type { ElementwiseStep, RowwiseStep, Step } from './program.js';
import {
  type Constant,
  checkWidth,
  computedConstant,
  describeShape,
  type NumberType,
  type Rows,
  sizeOf,
} from './values.js';

/** Most numbers that all values together may hold for one input row: 128 MiB. */
const largestTotal = 2 ** 24;

/** The number type in which a graph is evaluated: `own` follows the types that the file declares. */
export type Precision = 'own' | NumberType;

/** How queries lie in the input of a graph. */
export interface Batch {
  /** Whether the first axis counts queries: operators must then leave it alone. Else the tensor is one query. */
  readonly counted: boolean;
  /** How many queries the file wants at once, where it fixes that. */
  readonly rows: number | undefined;
}

/** Collects the steps of a program while its graph is walked. */
export class ProgramBuilder {
  readonly steps: Step[] = [];
  readonly widths: number[] = [];
  /** Number type of every register. */
  readonly numberTypes: NumberType[] = [];
  /** Name of the node that is being compiled. */
  node = '';

  /** Version of the standard operators. */
  operatorSet = 17;

  readonly precision: Precision;
  readonly batch: Batch;
  #total = 0;

  constructor(precision: Precision, batch: Batch) {
    this.precision = precision;
    this.batch = batch;
  }

  /** The number type for what the file declares to be of type `declared`. */
  typeFor(declared: NumberType): NumberType {
    return this.precision === 'own' ? declared : this.precision;
  }

  /** A constant of the file, rounded where the evaluation asks for that. */
  constant(value: Constant): Constant {
    const { numberType, shape, data } = value;
    return numberType === undefined ? value : computedConstant(shape, data, this.typeFor(numberType));
  }

  /** The shape of a value as messages write it: the axis that counts queries is `batch`. */
  describe({ shape }: Rows): string {
    return this.batch.counted ? `(${['batch', ...shape.slice(1)].join(', ')})` : describeShape(shape);
  }

  /** Throws `InputError` when a computation along `axis` of rows would mix queries. */
  checkAxis(axis: number): void {
    if (axis !== 0 || !this.batch.counted) return;
    throw new InputError('works along the first axis, which mixes the rows of a batch, expected another one');
  }

  /** A fresh register for rows of this shape; throws `InputError` when it is too large. */
  register(shape: readonly number[], numberType: NumberType | undefined): Rows {
    this.#total += sizeOf(checkWidth(shape));
    if (this.#total > largestTotal) throw new InputError('needs too much memory for one input');
    this.widths.push(sizeOf(shape));
    this.numberTypes.push(numberType ?? 'float64'); // integers are not rounded
    return { kind: 'rows', register: this.widths.length - 1, shape, ...(numberType && { numberType }) };
  }

  /** Appends target = source·Wᵀ + b, with as many outputs as `biases` has entries and a target of `shape`. */
  linear(source: Rows, weights: Float64Array, biases: Float64Array, shape: readonly number[]): Rows {
    const target = this.register(shape, source.numberType);
    this.steps.push({
      kind: 'linear',
      node: this.node,
      source: source.register,
      target: target.register,
      weights,
      biases,
    });
    return target;
  }

  /** Appends an elementwise function of `sources` with results of this shape and type. */
  elementwise(
    sources: readonly Rows[],
    shape: readonly number[],
    numberType: NumberType | undefined,
    run: ElementwiseStep['run'],
    affine?: ElementwiseStep['affine'],
  ): Rows {
    const target = this.register(shape, numberType);
    this.steps.push({
      kind: 'elementwise',
      node: this.node,
      sources: sources.map(({ register }) => register),
      target: target.register,
      run,
      ...(affine && { affine }),
    });
    return target;
  }

  /** Appends any other function of rows of `sources`, row by row. */
  rowwise(
    sources: readonly Rows[],
    shape: readonly number[],
    numberType: NumberType | undefined,
    run: RowwiseStep['run'],
  ): Rows {
    const target = this.register(shape, numberType);
    this.steps.push({
      kind: 'rowwise',
      node: this.node,
      sources: sources.map(({ register }) => register),
      target: target.register,
      run,
    });
    return target;
  }

  /** Appends target = the entries of `source` at `places`, one an entry of `shape`. */
  select(source: Rows, shape: readonly number[], places: Int32Array): Rows {
    const from = sizeOf(source.shape);
    const isWhole = places.length === from && places.every((place, i) => place === i);
    if (isWhole) return { ...source, shape };
    const to = places.length;
    return this.rowwise([source], shape, source.numberType, ([x], target, rows) => {
      for (let row = 0; row < rows; row++) {
        for (let i = 0; i < to; i++) target[row * to + i] = x[row * from + places[i]];
      }
    });
  }
}
