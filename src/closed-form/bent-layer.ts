import { type RandomStream, randomStream } from '../base/random.js';
import { dot } from '../numeric/dot.js';
import type { Field } from './field.js';
import { type AskedLine, bendsAlong, type LineBend, type Piece } from './line-bends.js';
import { drawPoint, inner, moved, opposite } from './points.js';

/** A neuron whose answers are straight on both sides of a hyperplane: outgoing·max(0, row·v + bias), or its mirror image. */
export interface BentNeuron {
  /** k, of length 1. */
  readonly row: Float64Array;
  readonly bias: number;
  /** By how much the slopes along the row change at the hyperplane, o. */
  readonly outgoing: Float64Array;
}

/** Spreads of the points between which lines run, in turn: neurons that bend far out are met by long lines alone. */
const spreads = [2, 4, 8];

/** Answers are taken for no more accurate than this: what is left of bends that are known is not looked at more closely. */
const exact = 1e-9;

/**
 * Gradients that are asked for, as a multiple of two for every neuron found and for half of the dimensions: in float32 what
 * is left of 128 known neurons looked new, again and again (216,000 queries).
 */
const mostGradients = 3;

/** More neurons than so many a dimension are none. */
const mostNeurons = 8;

/** Samples of a line: for every dimension, at least, and of later lines, from which what is known is subtracted. */
const samples = { perDimension: 3, least: 48, later: 48 };

/** Most lines, for every neuron found at the least so many, and how many in a row without anything new end the search. */
const lineCounts = { most: 60, quiet: 2 };

/**
 * Steps of gradients are this share of the way to the nearest known bend, but for the error of answers: rounding over the
 * step against the chance that an unknown neuron bends on the way. Directions in which one did are asked again, with
 * steps so much shorter.
 */
const steps = { share: 12, most: 0.1, shorter: 1 / 16 };

/** Places of a piece that are weighed for its gradient. */
const weighed = 17;

/** The part of a column of the gradients' jump that lies beside the neuron's outputs counts as another's from here on. */
const beside = { share: 0.03, errors: 10 };

/** The gradients' jump along the line must be the line's own to this share. */
const sameJump = 0.05;

/** Neurons of the first line that are looked at elsewhere on their hyperplanes, and at how many points. */
const elsewhere = { neurons: 6, points: 4, least: 2e-3, most: 0.05, asStrong: 0.25 };

/** Neurons whose rows and biases differ by no more than this, and that point the same way in the outputs, are one. */
const same = { angle: 1e-2, place: 2e-2, outputs: 0.98 };

/**
 * Neurons of a target with one hidden layer whose answers are straight but for their bends, however many there are
 * (method.md §8): a line crosses about half of their hyperplanes, and the gradient's jump from one piece of it to the
 * next is a neuron's row times its outgoing weights. What is known is subtracted, so that later lines show what is new.
 * Yields all that were found whenever several lines in a row showed nothing new, last after more and longer ones; none
 * where bends are not the same all over their hyperplanes, as those of deeper layers are not.
 */
export async function* findBentNeurons(target: Field, seed: number): AsyncGenerator<readonly BentNeuron[]> {
  let asked = 0;
  const field: Field = {
    ...target,
    evaluate(points, count) {
      asked += count;
      return target.evaluate(points, count);
    },
  };
  const random = randomStream(seed, 'closed form', 'bends');
  const neurons: BentNeuron[] = [];
  const perLine = Math.max(samples.least, samples.perDimension * field.dimension);
  let [quiet, told] = [0, 0];
  for (let n = 0; n < lineCounts.most; n++) {
    const wanted = n === 0 ? perLine : Math.max(samples.later, Math.ceil(perLine / 2));
    const fresh = await neuronsAlong(field, random, spreads[n % spreads.length], wanted, neurons);
    if (n === 0 && !(await areOfOneLayer(field, fresh, random))) return;
    for (const neuron of fresh) if (neurons.every((other) => !isSame(other, neuron))) neurons.push(neuron);
    const most = mostGradients * 2 * (field.dimension + 1) * (neurons.length + field.dimension / 2);
    if (asked > most || neurons.length > mostNeurons * field.dimension) break;
    quiet = fresh.length > 0 ? 0 : quiet + 1;
    if (quiet < lineCounts.quiet) continue;
    if (neurons.length === told) return;
    told = neurons.length;
    quiet = 0;
    yield [...neurons];
  }
  if (neurons.length > told && neurons.length <= mostNeurons * field.dimension) yield neurons;
}

/** New neurons that bend on a random line. */
async function neuronsAlong(
  field: Field,
  random: RandomStream,
  spread: number,
  cells: number,
  known: readonly BentNeuron[],
): Promise<BentNeuron[]> {
  const from = drawPoint(field, random, spread);
  const to = opposite(field, from, drawPoint(field, random, spread));
  const difference = to.map((value, a) => value - from[a]);
  const length = Math.sqrt(dot(difference, difference));
  const direction = difference.map((value) => value / length);
  const rest = without(field, known);
  const { outputs: o } = field;
  const ends = await field.evaluate(Float64Array.of(...from, ...to), 2);
  const size = Math.sqrt(dot(ends, ends) / ends.length);
  const line: AskedLine = {
    length,
    outputs: o,
    error: Math.max(field.error, exact) * Math.max(1, size),
    ask: (places) => rest(places.length, (n) => moved(from, direction, places[n])),
  };
  const expected = known.map(({ row, bias, outgoing }) => {
    const slope = dot(row, direction);
    return {
      place: -(dot(row, from) + bias) / slope,
      size: Math.abs(slope) * Math.sqrt(dot(outgoing, outgoing)),
    };
  });
  const along: Along = { field, from, direction, error: line.error, rest, known, gradients: new Map() };
  const found: BentNeuron[] = [];
  for (const bend of await bendsAlong(line, cells, expected)) {
    const neuron = await neuronAt(along, bend);
    if (neuron !== undefined) found.push(neuron);
  }
  return found;
}

/** Answers less what known neurons give. */
type Rest = (count: number, pointAt: (n: number) => Float64Array) => Promise<Float64Array>;

function without(field: Field, known: readonly BentNeuron[]): Rest {
  const { dimension: k, outputs: o } = field;
  return async (count, pointAt) => {
    const points = new Float64Array(count * k);
    for (let n = 0; n < count; n++) points.set(pointAt(n), n * k);
    const answers = (await field.evaluate(points, count)).slice();
    for (let n = 0; n < count; n++) {
      const point = points.subarray(n * k, (n + 1) * k);
      for (const { row, bias, outgoing } of known) {
        const z = dot(row, point) + bias;
        if (z > 0) for (let i = 0; i < o; i++) answers[n * o + i] -= z * outgoing[i];
      }
    }
    return answers;
  };
}

/** A line with what is known about it. */
interface Along {
  readonly field: Field;
  readonly from: Float64Array;
  readonly direction: Float64Array;
  readonly error: number;
  readonly rest: Rest;
  readonly known: readonly BentNeuron[];
  readonly gradients: Map<Piece, Gradient>;
}

/** Gradients of all outputs (k columns of o) about a point, with the step that was taken for each. */
interface Gradient {
  readonly point: Float64Array;
  readonly answers: Float64Array;
  readonly columns: Float64Array[];
  readonly steps: number[];
}

/** The neuron that bends between two pieces, from the gradients on both; undefined where another bends beside it. */
async function neuronAt(along: Along, bend: LineBend): Promise<BentNeuron | undefined> {
  const { direction, from, error } = along;
  const { jump, place } = bend;
  const size = Math.sqrt(dot(jump, jump));
  const outputs = jump.map((value) => value / size);
  const before = await gradientIn(along, bend.before);
  const after = await gradientIn(along, bend.after);
  const k = direction.length;
  const row = new Float64Array(k);
  for (const isLast of [false, true]) {
    const doubtful: number[] = [];
    for (let a = 0; a < k; a++) {
      const column = after.columns[a].map((value, i) => value - before.columns[a][i]);
      row[a] = dot(column, outputs);
      const left = Math.sqrt(Math.max(0, dot(column, column) - row[a] ** 2));
      const open =
        beside.errors * error * Math.sqrt(outputs.length) * (1 / before.steps[a] + 1 / after.steps[a]);
      if (left > open + beside.share * size) doubtful.push(a);
    }
    if (doubtful.length === 0) break;
    if (isLast) return undefined;
    for (const gradient of [before, after]) await askCloser(along, gradient, doubtful);
  }
  if (!(Math.abs(dot(row, direction) - size) <= sameJump * size)) return undefined;
  const length = Math.sqrt(dot(row, row));
  for (let a = 0; a < k; a++) row[a] /= length;
  const at = moved(from, direction, place);
  return { row, bias: -dot(row, at), outgoing: outputs.map((value) => value * length) };
}

/** The gradients in the middle of a piece, where known neurons bend as far away as may be; asked once. */
async function gradientIn(along: Along, piece: Piece): Promise<Gradient> {
  const held = along.gradients.get(piece);
  if (held !== undefined) return held;
  const { field, from, direction, known, rest } = along;
  const { dimension: k, outputs: o } = field;
  const length = piece.to - piece.from;
  let best = { t: 0, away: -1 };
  for (let i = 1; i < weighed - 1; i++) {
    const t = piece.from + (i / (weighed - 1)) * length;
    const point = moved(from, direction, t);
    const away = known.reduce(
      (least, { row, bias }) => Math.min(least, Math.abs(dot(row, point) + bias)),
      Math.min(t - piece.from, piece.to - t),
    );
    if (away > best.away) best = { t, away };
  }
  const step = best.away * Math.min(steps.most, steps.share * Math.cbrt(field.error));
  const point = moved(from, direction, best.t);
  const ways = Array.from({ length: k }, (_, a) => stepInside(field, point, a, step));
  const asked = await rest(k + 1, (n) => (n === k ? point : point.with(n, point[n] + ways[n])));
  const answers = asked.slice(k * o);
  const columns = ways.map((way, a) =>
    Float64Array.from({ length: o }, (_, i) => (asked[a * o + i] - answers[i]) / way),
  );
  const gradient = { point, answers, columns, steps: ways.map(Math.abs) };
  along.gradients.set(piece, gradient);
  return gradient;
}

/** A step along an axis that stays in the field's room, forwards where it may. */
function stepInside(field: Field, point: Float64Array, a: number, step: number): number {
  const axis = new Float64Array(point.length);
  axis[a] = 1;
  return field.room(point, axis) >= step ? step : -step;
}

/** Takes some columns of gradients anew, with shorter steps. */
async function askCloser({ rest }: Along, gradient: Gradient, doubtful: readonly number[]): Promise<void> {
  const { point, answers, columns, steps: taken } = gradient;
  const o = answers.length;
  const ways = doubtful.map((a) => taken[a] * steps.shorter);
  const asked = await rest(doubtful.length, (n) => point.with(doubtful[n], point[doubtful[n]] + ways[n]));
  doubtful.forEach((a, n) => {
    columns[a] = Float64Array.from({ length: o }, (_, i) => (asked[n * o + i] - answers[i]) / ways[n]);
    taken[a] = ways[n];
  });
}

/** Whether some neurons bend as strongly at random points of their hyperplanes: behind one hidden layer alone all do. */
async function areOfOneLayer(
  field: Field,
  neurons: readonly BentNeuron[],
  random: RandomStream,
): Promise<boolean> {
  const { outputs: o } = field;
  const looked = neurons.slice(0, elsewhere.neurons);
  const sightings: { readonly j: number; readonly on: Float64Array }[] = [];
  for (const [j, { row, bias }] of looked.entries()) {
    for (let n = 0; n < elsewhere.points; n++) {
      const point = drawPoint(field, random, 1);
      const on = moved(point, row, -(dot(row, point) + bias));
      if (field.room(new Float64Array(on.length), on) * inner > 1) sightings.push({ j, on });
    }
  }
  if (sightings.length === 0) return false;
  // rows of rounded answers lean, and what bends beside them is not far
  const step = Math.max(elsewhere.least, Math.min(elsewhere.most, steps.share * Math.cbrt(field.error)));
  const ways = [0, step, -step];
  const answers = await without(field, [])(ways.length * sightings.length, (n) => {
    const { j, on } = sightings[Math.floor(n / ways.length)];
    return moved(on, looked[j].row, ways[n % ways.length]);
  });
  const at = (n: number) => answers.subarray(n * o, (n + 1) * o);
  const bending = sightings.filter(({ j }, i) => {
    const { outgoing } = looked[j];
    const [here, after, before] = [at(3 * i), at(3 * i + 1), at(3 * i + 2)];
    const off = outgoing.map((value, k) => (after[k] + before[k] - 2 * here[k]) / step - value);
    return Math.sqrt(dot(off, off)) <= elsewhere.asStrong * Math.sqrt(dot(outgoing, outgoing));
  });
  return bending.length > sightings.length / 2;
}

/** Whether two neurons bend on the same hyperplane, and alike: one that was met twice. */
function isSame(one: BentNeuron, other: BentNeuron): boolean {
  const cosine = dot(one.row, other.row);
  const sign = Math.sign(cosine);
  const apart = Math.hypot(...one.row.map((value, a) => value - sign * other.row[a]));
  if (!(apart <= same.angle && Math.abs(one.bias - sign * other.bias) <= same.place)) return false;
  const [u, v] = [one.outgoing, other.outgoing];
  return Math.abs(dot(u, v)) > same.outputs * Math.sqrt(dot(u, u) * dot(v, v));
}
