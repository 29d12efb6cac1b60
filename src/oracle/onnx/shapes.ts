import { InputError } from '../../base/errors.js';
import { transpose } from './linear.js';
import type { Attributes } from './node-view.js';
import { type Constant, checkConstant, describeShape, sizeOf, type Value } from './values.js';

/** What the operators below need to know about the batch: its size when the file fixes it. */
export type Batch = number | undefined;

const describeRows = (tail: readonly number[]) => `(${['batch', ...tail].join(', ')})`;

/** An axis or a list of axes given from the end becomes one from the start. */
function fromStart(axes: readonly number[], rank: number): number[] {
  const result = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  const wrong = axes.find((_, i) => !(result[i] >= 0 && result[i] < rank));
  if (wrong !== undefined) throw new InputError(`names axis ${wrong} of a value with ${rank} axes`);
  return result;
}

/** Flatten of rows: the batch axis must stay. */
export function applyFlatten(attributes: Attributes, x: Value): Value {
  const shape = x.kind === 'rows' ? [1, ...x.tail] : x.shape;
  const [axis] = fromStart([attributes.integer('axis', 1)], shape.length + 1);
  const rest = sizeOf(shape.slice(axis));
  if (x.kind === 'constant') return { ...x, shape: [sizeOf(shape.slice(0, axis)), rest] };
  if (axis !== 1)
    throw new InputError(`flattens from axis ${axis}, which mixes the rows of a batch, expected 1`);
  return { ...x, tail: [rest] };
}

/** Reshape to the constant shape `target`; rows of a batch must stay rows. */
export function applyReshape(
  attributes: Attributes,
  batch: Batch,
  x: Value,
  target: readonly number[],
): Value {
  const keepsZero = attributes.integer('allowzero', 0) !== 0;
  const source = x.kind === 'rows' ? [1, ...x.tail] : x.shape;
  const shape = target.map((n, axis) => (n === 0 && !keepsZero ? (source[axis] ?? 0) : n));
  if (x.kind === 'rows' && shape.length > 0) {
    // [−1, …] and [0, …] keep the batch; a number does when the file fixes the batch to it
    const rest = sizeOf(shape.slice(1));
    if (shape[0] === -1 && rest === sizeOf(x.tail)) shape[0] = 1;
    if (target[0] === batch || Number.isNaN(target[0])) shape[0] = 1;
    if (shape[0] !== 1) throw new InputError(`reshapes ${describeRows(x.tail)} to ${describeShape(target)}`);
  }
  const unknown = shape.indexOf(-1);
  if (unknown >= 0) shape[unknown] = sizeOf(source) / -sizeOf(shape);
  if (!shape.every((n) => Number.isInteger(n) && n >= 0) || sizeOf(shape) !== sizeOf(source)) {
    const from = x.kind === 'rows' ? describeRows(x.tail) : describeShape(source);
    throw new InputError(`cannot reshape ${from} to ${describeShape(target)}`);
  }
  return x.kind === 'rows' ? { ...x, tail: shape.slice(1) } : { ...x, shape };
}

/** Squeeze: drops axes of size 1, all of them or those in `axes`. */
export function applySqueeze(batch: Batch, x: Value, axes: readonly number[] | undefined): Value {
  const shape = x.kind === 'rows' ? [batch ?? -1, ...x.tail] : [...x.shape];
  const dropped = axes ? fromStart(axes, shape.length) : shape.flatMap((n, axis) => (n === 1 ? [axis] : []));
  if (dropped.some((axis) => shape[axis] !== 1 || (x.kind === 'rows' && axis === 0))) {
    throw new InputError(`squeezes axes ${describeShape(dropped)} of a value of ${shape.length} axes`);
  }
  const kept = shape.filter((_, axis) => !dropped.includes(axis));
  return x.kind === 'rows' ? { ...x, tail: kept.slice(1) } : { ...x, shape: kept };
}

/** Unsqueeze: adds axes of size 1 at the places `axes` of the result. */
export function applyUnsqueeze(x: Value, axes: readonly number[]): Value {
  const shape = x.kind === 'rows' ? [-1, ...x.tail] : x.shape;
  const rank = shape.length + axes.length;
  const added = fromStart(axes, rank);
  if (rank > 8 || new Set(added).size < added.length || (x.kind === 'rows' && added.includes(0))) {
    throw new InputError(`adds axes ${describeShape(axes.slice(0, 8))} to a value of ${shape.length} axes`);
  }
  let next = 0;
  const result = Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : shape[next++]));
  return x.kind === 'rows' ? { ...x, tail: result.slice(1) } : { ...x, shape: result };
}

/** Transpose of a constant matrix; other values may only be given a permutation that changes nothing. */
export function applyTranspose(attributes: Attributes, x: Value): Value {
  const rank = x.kind === 'rows' ? x.tail.length + 1 : x.shape.length;
  const order = attributes.integers('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (order.length === rank && order.every((axis, i) => axis === i)) return x;
  if (x.kind === 'rows') throw new InputError(`permutes the axes of rows, expected them to stay`);
  if (rank !== 2 || order.length !== 2 || order[0] !== 1 || order[1] !== 0) {
    throw new InputError(`permutes ${rank} axes by ${describeShape(order.slice(0, 8))}, expected a matrix`);
  }
  return transpose(x);
}

/** Shape of a value, or its part from `start` to `end`; the number of rows is NaN unless the file fixes it. */
export function applyShape(attributes: Attributes, batch: Batch, x: Value): Value {
  const shape = x.kind === 'rows' ? [batch ?? Number.NaN, ...x.tail] : x.shape;
  const part = shape.slice(attributes.integer('start', 0), attributes.integer('end', shape.length));
  return { kind: 'constant', shape: [part.length], data: Float64Array.from(part) };
}

/** Gather from a constant list, as from a shape. */
export function applyGather(x: Value, indices: Constant): Value {
  if (x.kind === 'rows' || x.shape.length !== 1)
    throw new InputError('takes from rows, expected a constant list');
  const places = fromStart([...indices.data], x.shape[0]);
  return { ...indices, data: Float64Array.from(places, (place) => x.data[place]) };
}

/** Concat of constant lists, as of the parts of a shape. */
export function applyConcat(parts: readonly Value[]): Value {
  const data = parts.flatMap((part) => {
    if (part.kind === 'rows' || part.shape.length !== 1) {
      throw new InputError('joins values that depend on the input, expected constant lists');
    }
    return [...part.data];
  });
  return { kind: 'constant', shape: checkConstant([data.length]), data: Float64Array.from(data) };
}
