import { InputError } from '../../base/errors.js';
import type { ElementwiseStep, Step } from './program.js';
import { type Constant, checkWidth, computedConstant, type NumberType, type Rows, sizeOf } from './values.js';

/** Most numbers that all values together may hold for one input row: 128 MiB. */
const largestTotal = 2 ** 24;

/** The number type in which a graph is evaluated: `own` follows the types that the file declares. */
export type Precision = 'own' | NumberType;

/** Collects the steps of a program while its graph is walked. */
export class ProgramBuilder {
  readonly steps: Step[] = [];
  readonly widths: number[] = [];
  /** Number type of every register. */
  readonly numberTypes: NumberType[] = [];
  /** Name of the node that is being compiled. */
  node = '';

  readonly precision: Precision;
  #total = 0;

  constructor(precision: Precision) {
    this.precision = precision;
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

  /** A fresh register for rows of shape `tail`; throws `InputError` when it is too large. */
  register(tail: readonly number[], numberType: NumberType): Rows {
    this.#total += sizeOf(checkWidth(tail));
    if (this.#total > largestTotal) throw new InputError('needs too much memory for one input');
    this.widths.push(sizeOf(tail));
    this.numberTypes.push(numberType);
    return { kind: 'rows', register: this.widths.length - 1, tail, numberType };
  }

  /** Appends target = source·Wᵀ + b, with as many outputs as `biases` has entries. */
  linear(source: Rows, weights: Float64Array, biases: Float64Array): Rows {
    const target = this.register([biases.length], source.numberType);
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

  /** Appends an elementwise function of `sources` with results of shape `tail` and type `numberType`. */
  elementwise(
    sources: readonly Rows[],
    tail: readonly number[],
    numberType: NumberType,
    run: ElementwiseStep['run'],
    affine?: ElementwiseStep['affine'],
  ): Rows {
    const target = this.register(tail, numberType);
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
}
