import { type ActivationName, activations } from '../network/activations.js';
import { dot } from '../numeric/dot.js';
import { type KnownLayer, neuronsOf } from '../records.js';

/** What an activation is far from its bend: rise·z + right on one side, slope·z + left on the other. */
interface Asymptotes {
  /** The slope on the right: 1 for most. */
  readonly rise: number;
  readonly right: number;
  readonly left: number;
  /** Where the two lines meet. */
  readonly meeting: number;
}

/** The asymptotes of an activation that grows; `slope` is that of leaky ReLU. */
export function asymptotesOf(activation: ActivationName, slope: number): Asymptotes {
  const { left, right } = activations[activation].limits(slope)!;
  const meeting = (left.constant - right.constant) / (right.slope - left.slope);
  return { rise: right.slope, right: right.constant, left: left.constant, meeting };
}

/** On which side of its bend every neuron of the known layers is, first layer first. */
export type Pattern = readonly boolean[];

/**
 * A cell of the far field: there every known neuron is on one side of its bend, and all that the known layers
 * compute is affine in x. Maps are rows of d + 1 numbers, the constant last.
 */
export interface Cell {
  readonly pattern: Pattern;
  /** What each neuron sees, less where its bend is: negative on one side of it, positive on the other. */
  readonly bends: readonly Float64Array[];
  /** What the layer after the known ones sees. */
  readonly features: readonly Float64Array[];
}

/** A map of d + 1 numbers at a point. */
export function mapAt(map: Float64Array, point: Float64Array): number {
  return dot(map.subarray(0, point.length), point) + map[point.length];
}

/** The cell with this pattern. */
export function cellOf(layers: readonly KnownLayer[], d: number, pattern: Pattern): Cell {
  return walkThrough(layers, d, (_, index) => pattern[index]);
}

/** The cell in which a point lies. */
export function cellAt(layers: readonly KnownLayer[], point: Float64Array): Cell {
  return walkThrough(layers, point.length, (bend) => mapAt(bend, point) > 0);
}

function walkThrough(
  layers: readonly KnownLayer[],
  d: number,
  isRight: (bend: Float64Array, index: number) => boolean,
): Cell {
  const pattern: boolean[] = [];
  const bends: Float64Array[] = [];
  let features: Float64Array[] = Array.from({ length: d }, (_, k) => new Float64Array(d + 1).with(k, 1));
  for (const { activation, slope, incoming, oriented } of layers) {
    const { rise, right, left, meeting } = asymptotesOf(activation, slope);
    const size = features.length + 1;
    const outputs: Float64Array[] = [];
    for (let at = 0; at < incoming.length; at += size) {
      const seen = new Float64Array(d + 1);
      for (let k = 0; k < features.length; k++) {
        const weight = incoming[at + k];
        const feature = features[k];
        for (let i = 0; i <= d; i++) seen[i] += weight * feature[i];
      }
      seen[d] += incoming[at + size - 1];
      const bend = seen.with(d, seen[d] - meeting);
      const side = isRight(bend, bends.length);
      bends.push(bend);
      pattern.push(side);
      const own = side ? rise : slope;
      const output = seen.map((value) => own * value);
      output[d] += side ? right : left;
      outputs.push(output);
    }
    features = oriented ? outputs : [...outputs, ...features];
  }
  return { pattern, bends, features };
}

/** What the layer after the known ones sees at a point, every known neuron on one of its asymptotes. */
export function featuresAt(layers: readonly KnownLayer[], point: Float64Array): Float64Array {
  let values = point;
  for (const { activation, slope, incoming, oriented } of layers) {
    const { rise, right, left, meeting } = asymptotesOf(activation, slope);
    const size = values.length + 1;
    const own = incoming.length / size;
    const outputs = new Float64Array(oriented ? own : own + values.length);
    if (!oriented) outputs.set(values, own);
    for (let j = 0; j < own; j++) {
      let seen = incoming[j * size + size - 1];
      for (let k = 0; k < values.length; k++) seen += incoming[j * size + k] * values[k];
      outputs[j] = seen > meeting ? rise * seen + right : slope * seen + left;
    }
    values = outputs;
  }
  return values;
}

/** Numbers that the layer after the known ones sees. */
export function featureCount(layers: readonly KnownLayer[], d: number): number {
  const last = layers.at(-1);
  if (last === undefined) return d;
  const own = neuronsOf(last);
  return last.oriented ? own : own + last.inputs;
}

/** A known neuron's bend on a ray. */
export interface Crossing {
  readonly neuron: number;
  /** Distance from the ray's start, in lengths of its direction. */
  readonly distance: number;
}

/** The first bend of a known neuron that a ray meets within its cell; undefined where it meets none. */
export function firstCrossing(
  cell: Cell,
  point: Float64Array,
  direction: Float64Array,
  apartFrom?: number,
): Crossing | undefined {
  const d = point.length;
  let first: Crossing | undefined;
  cell.bends.forEach((bend, neuron) => {
    if (neuron === apartFrom) return;
    const rate = dot(bend.subarray(0, d), direction);
    const distance = -mapAt(bend, point) / rate;
    if (distance > 0 && distance < (first?.distance ?? Number.POSITIVE_INFINITY))
      first = { neuron, distance };
  });
  return first;
}

/** All bends of known neurons along a walk of `length`. */
export function crossingsAlong(
  layers: readonly KnownLayer[],
  from: Float64Array,
  direction: Float64Array,
  length: number,
): number[] {
  const found: number[] = [];
  let cell = cellAt(layers, from);
  let at = 0;
  let point = from;
  let last: number | undefined;
  while (found.length < mostCrossings) {
    const next = firstCrossing(cell, point, direction, last);
    if (next === undefined || at + next.distance > length) break;
    at += next.distance;
    found.push(at);
    const here = at;
    point = from.map((value, k) => value + here * direction[k]);
    cell = cellOf(layers, from.length, flip(cell.pattern, next.neuron));
    last = next.neuron;
  }
  return found;
}

/** A line that meets more bends than this is not followed further. */
const mostCrossings = 2000;

/** The pattern on the other side of one neuron's bend. */
export function flip(pattern: Pattern, neuron: number): Pattern {
  return pattern.map((side, index) => (index === neuron ? !side : side));
}

/** Whether the activation is smooth: its bends have a width. */
export function isSmooth(activation: ActivationName): boolean {
  return !activations[activation].homogeneous;
}

/** Distance from a point to the nearest bend of a known neuron, in all of several cells, but for neurons left out. */
export function roomAround(
  point: Float64Array,
  isLeftOut: (bend: Float64Array, neuron: number) => boolean,
  ...cells: readonly Cell[]
): number {
  const d = point.length;
  let room = Number.POSITIVE_INFINITY;
  for (const { bends } of cells) {
    bends.forEach((bend, neuron) => {
      if (isLeftOut(bend, neuron)) return;
      const gradient = bend.subarray(0, d);
      room = Math.min(room, Math.abs(mapAt(bend, point)) / Math.sqrt(dot(gradient, gradient)));
    });
  }
  return room;
}
