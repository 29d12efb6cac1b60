import { InputError } from '../../base/errors.js';
import type { ProgramBuilder } from './builder.js';
import type { Attributes } from './node-view.js';
import { describeShape, sizeOf, type Value } from './values.js';

/** An axis or a list of axes given from the end becomes one from the start. */
export function fromStart(axes: readonly number[], rank: number): number[] {
  const result = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  const wrong = axes.find((_, i) => !(result[i] >= 0 && result[i] < rank));
  if (wrong !== undefined) throw new InputError(`names axis ${wrong} of a value with ${rank} axes`);
  return result;
}

/** Whether the first axis of a value counts queries, and so has to stay first. */
export const isCounted = (builder: ProgramBuilder, x: Value) => builder.batch.counted && x.kind === 'rows';

/** Flatten: two axes, those before `axis` and those from it on. */
export function applyFlatten(builder: ProgramBuilder, attributes: Attributes, x: Value): Value {
  const { shape } = x;
  const [axis] = fromStart([attributes.integer('axis', 1)], shape.length + 1);
  if (isCounted(builder, x) && axis !== 1)
    throw new InputError(`flattens from axis ${axis}, which mixes the rows of a batch, expected 1`);
  return { ...x, shape: [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))] };
}

/** Reshape to the constant shape `target`; rows of a batch must stay rows. */
export function applyReshape(
  builder: ProgramBuilder,
  attributes: Attributes,
  x: Value,
  target: readonly number[],
): Value {
  const keepsZero = attributes.integer('allowzero', 0) !== 0;
  const source = x.shape;
  const described = x.kind === 'rows' ? builder.describe(x) : describeShape(source);
  const shape = target.map((n, axis) => (n === 0 && !keepsZero ? (source[axis] ?? 0) : n));
  if (isCounted(builder, x) && shape.length > 0) {
    // [−1, …] and [0, …] keep the batch; a number does when the file fixes the batch to it
    const rest = sizeOf(shape.slice(1));
    if (shape[0] === -1 && rest === sizeOf(source)) shape[0] = 1;
    if (target[0] === builder.batch.rows || Number.isNaN(target[0])) shape[0] = 1;
    if (shape[0] !== 1) throw new InputError(`reshapes ${described} to ${describeSizes(target)}`);
  }
  const unknown = shape.indexOf(-1);
  if (unknown >= 0) shape[unknown] = sizeOf(source) / -sizeOf(shape);
  if (!shape.every((n) => Number.isInteger(n) && n >= 0) || sizeOf(shape) !== sizeOf(source)) {
    throw new InputError(`cannot reshape ${described} to ${describeSizes(target)}`);
  }
  return { ...x, shape };
}

/** A list of sizes as messages write it: NaN stands for the number of rows. */
const describeSizes = (sizes: readonly number[]) =>
  `(${sizes
    .slice(0, 8)
    .map((n) => (Number.isNaN(n) ? 'batch' : n))
    .join(', ')})`;

/** Squeeze: drops axes of size 1, all of them or those in `axes`. */
export function applySqueeze(builder: ProgramBuilder, x: Value, axes: readonly number[] | undefined): Value {
  const counted = isCounted(builder, x);
  const shape = counted ? [builder.batch.rows ?? -1, ...x.shape.slice(1)] : x.shape;
  const dropped = axes ? fromStart(axes, shape.length) : shape.flatMap((n, axis) => (n === 1 ? [axis] : []));
  if (dropped.some((axis) => shape[axis] !== 1 || (counted && axis === 0))) {
    throw new InputError(
      `squeezes axes ${describeShape(dropped.slice(0, 8))} of a value of ${shape.length} axes`,
    );
  }
  return { ...x, shape: x.shape.filter((_, axis) => !dropped.includes(axis)) };
}

/** Unsqueeze: adds axes of size 1 at the places `axes` of the result. */
export function applyUnsqueeze(builder: ProgramBuilder, x: Value, axes: readonly number[]): Value {
  const { shape } = x;
  const rank = shape.length + axes.length;
  const added = fromStart(axes, rank);
  if (rank > 8 || new Set(added).size < added.length || (isCounted(builder, x) && added.includes(0))) {
    throw new InputError(`adds axes ${describeShape(axes.slice(0, 8))} to a value of ${shape.length} axes`);
  }
  let next = 0;
  const result = Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : shape[next++]));
  return { ...x, shape: result };
}

/** Shape of a value, or its part from `start` to `end`; the number of rows is NaN unless the file fixes it. */
export function applyShape(builder: ProgramBuilder, attributes: Attributes, x: Value): Value {
  const shape = isCounted(builder, x) ? [builder.batch.rows ?? Number.NaN, ...x.shape.slice(1)] : x.shape;
  const part = shape.slice(attributes.integer('start', 0), attributes.integer('end', shape.length));
  return { kind: 'constant', shape: [part.length], data: Float64Array.from(part) };
}
