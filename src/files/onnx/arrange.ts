import { InputError } from '../../base/errors.js';
import type { ProgramBuilder } from './builder.js';
import type { Attributes } from './node-view.js';
import { fromStart, isCounted } from './shapes.js';
import {
  broadcastIndices,
  broadcastShapes,
  type Constant,
  checkConstant,
  checkWidth,
  describeShape,
  type Rows,
  resultType,
  sizeOf,
  type Value,
} from './values.js';

/** Distance in memory of neighbours along every axis. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/**
 * The value of shape `shape` whose entry at the coordinates c is the entry of `x` at Σ offsets[a][c[a]]: every
 * operator that only moves entries is written so. `offsets` has `shape[a]` entries for axis a.
 */
function arrange(builder: ProgramBuilder, x: Value, offsets: readonly (readonly number[])[]): Value {
  const shape = offsets.map(({ length }) => length);
  if (x.kind === 'rows') checkWidth(shape);
  else checkConstant(shape);
  let places = new Int32Array(1);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const wider = new Int32Array(places.length * shape[axis]);
    offsets[axis].forEach((offset, i) => {
      for (let j = 0; j < places.length; j++) wider[i * places.length + j] = offset + places[j];
    });
    places = wider;
  }
  if (x.kind === 'rows') return builder.select(x, shape, places);
  return { ...x, shape, data: Float64Array.from(places, (place) => x.data[place]) };
}

const steps = (count: number, start: number, step: number) =>
  Array.from({ length: count }, (_, i) => start + i * step);

/** For every axis, where each of its entries lies. */
const wholeOffsets = (shape: readonly number[]) => {
  const strides = stridesOf(shape);
  return shape.map((n, axis) => steps(n, 0, strides[axis]));
};

/** Transpose: the axes in the order `perm`, or the other way round. */
export function applyTranspose(builder: ProgramBuilder, attributes: Attributes, x: Value): Value {
  const rank = x.shape.length;
  const order = attributes.integers('perm') ?? steps(rank, rank - 1, -1);
  const isOrder = order.length === rank && new Set(order).size === rank;
  if (!isOrder || order.some((axis) => !(axis >= 0 && axis < rank))) {
    throw new InputError(`permutes ${rank} axes by ${describeShape(order.slice(0, 8))}`);
  }
  if (isCounted(builder, x) && order[0] !== 0)
    throw new InputError(`permutes the axes of rows, expected the first one to stay`);
  const offsets = wholeOffsets(x.shape);
  return arrange(
    builder,
    x,
    order.map((axis) => offsets[axis]),
  );
}

/** The bounds of a slice: one number an axis in each list. */
export interface SliceBounds {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes: readonly number[] | undefined;
  readonly steps: readonly number[] | undefined;
}

/** Slice: along some axes, the entries from start to end in steps. */
export function applySlice(builder: ProgramBuilder, x: Value, bounds: SliceBounds): Value {
  const { shape } = x;
  const { starts, ends } = bounds;
  const axes = fromStart(bounds.axes ?? steps(starts.length, 0, 1), shape.length);
  const strides = bounds.steps ?? axes.map(() => 1);
  const lists = [starts, ends, axes, strides];
  if (lists.some((list) => list.length !== axes.length || !list.every(Number.isInteger))) {
    throw new InputError('has starts, ends, axes and steps that do not fit each other');
  }
  const offsets = wholeOffsets(shape);
  axes.forEach((axis, i) => {
    const [n, step] = [shape[axis], strides[i]];
    if (step === 0) throw new InputError('has a step of 0');
    if (isCounted(builder, x) && axis === 0) {
      if (starts[i] === 0 && ends[i] >= 2 ** 31 - 1 && step === 1) return;
      builder.checkAxis(0);
    }
    const least = step > 0 ? 0 : -1;
    const most = step > 0 ? n : n - 1;
    const [start, end] = [starts[i], ends[i]].map((at) =>
      Math.max(least, Math.min(most, at < 0 ? Math.max(at + n, least) : at)),
    );
    const count = Math.max(0, Math.ceil((end - start) / step));
    offsets[axis] = steps(count, start, step).map((place) => offsets[axis][place]);
  });
  return arrange(builder, x, offsets);
}

/** Split: consecutive parts along one axis, of the sizes told or of equal ones. */
export function applySplit(
  builder: ProgramBuilder,
  attributes: Attributes,
  x: Value,
  told: readonly number[] | undefined,
  outputs: number,
): Value[] {
  const [axis] = fromStart([attributes.integer('axis', 0)], x.shape.length);
  if (isCounted(builder, x)) builder.checkAxis(axis);
  const n = x.shape[axis];
  const equal = Math.ceil(n / outputs);
  const sizes = told ?? steps(outputs, 0, equal).map((start) => Math.max(0, Math.min(equal, n - start)));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.length !== outputs || total !== n || !sizes.every((size) => size >= 0)) {
    throw new InputError(`splits ${n} entries into parts of ${describeShape(sizes.slice(0, 8))}`);
  }
  let start = 0;
  return sizes.map((size) => {
    const offsets = wholeOffsets(x.shape);
    offsets[axis] = offsets[axis].slice(start, start + size);
    start += size;
    return arrange(builder, x, offsets);
  });
}

/** Gather: along one axis, the entries at constant places. */
export function applyGather(
  builder: ProgramBuilder,
  attributes: Attributes,
  x: Value,
  indices: Constant,
): Value {
  const { shape } = x;
  const [axis] = fromStart([attributes.integer('axis', 0)], shape.length);
  if (isCounted(builder, x)) builder.checkAxis(axis);
  const places = fromStart([...indices.data], shape[axis]);
  const offsets = wholeOffsets(shape);
  offsets[axis] = places.map((place) => offsets[axis][place]);
  const gathered = arrange(builder, x, offsets);
  return { ...gathered, shape: [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)] };
}

/** Expand: broadcast to a shape. */
export function applyExpand(builder: ProgramBuilder, x: Value, target: readonly number[]): Value {
  // the number of rows, where a shape holds it, is that of one query
  const wanted = target.map((n) => (Number.isNaN(n) ? 1 : n));
  const shape = broadcastShapes(x.shape, wanted);
  if (isCounted(builder, x) && (shape.length !== x.shape.length || shape[0] !== 1)) builder.checkAxis(0);
  if (x.kind === 'rows')
    return builder.select(x, shape, broadcastIndices(x.shape, checkWidth(shape) as number[]));
  const places = broadcastIndices(x.shape, checkConstant(shape));
  return { ...x, shape, data: Float64Array.from(places, (place) => x.data[place]) };
}

/** Concat: values one after the other along one axis. */
export function applyConcat(builder: ProgramBuilder, attributes: Attributes, parts: readonly Value[]): Value {
  const [{ shape: first }] = parts;
  const [axis] = fromStart([attributes.integer('axis', 1)], first.length);
  const shape = first.map((n, a) => (a === axis ? parts.reduce((sum, part) => sum + part.shape[a], 0) : n));
  const fits = parts.every(
    (part) => part.shape.length === first.length && part.shape.every((n, a) => a === axis || n === first[a]),
  );
  if (!fits) {
    const shapes = parts.slice(0, 4).map((part) => describeShape(part.shape));
    throw new InputError(`joins values of the shapes ${shapes.join(' and ')}, which do not fit each other`);
  }
  const rows = parts.filter((part): part is Rows => part.kind === 'rows');
  if (rows.length > 0) builder.checkAxis(axis);
  if (parts.length === 1) return parts[0];
  if (rows.length > 0) checkWidth(shape);
  else checkConstant(shape);
  // every part is a run of entries in each of the blocks that the axes before `axis` count
  const blocks = sizeOf(shape.slice(0, axis));
  const total = sizeOf(shape);
  const runs = parts.map((part) => sizeOf(part.shape) / blocks);
  const run = (sources: readonly Float64Array[], target: Float64Array, count: number) => {
    for (let block = 0; block < count * blocks; block++) {
      let at = (block * total) / blocks;
      for (const [p, length] of runs.entries()) {
        const { kind } = parts[p];
        const start = (kind === 'rows' ? block : block % blocks) * length;
        for (let i = 0; i < length; i++) target[at + i] = sources[p][start + i];
        at += length;
      }
    }
  };
  if (rows.length === 0) {
    const data = new Float64Array(total);
    run(
      parts.map((part) => (part as Constant).data),
      data,
      1,
    );
    const numberType = resultType(parts);
    return { kind: 'constant', shape, data, ...(numberType && { numberType }) };
  }
  return builder.rowwise(rows, shape, resultType(rows), (sources, target, count) => {
    let next = 0;
    const all = parts.map((part) => (part.kind === 'rows' ? sources[next++] : part.data));
    run(all, target, count);
  });
}
