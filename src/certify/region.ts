import { type RandomStream, randomStream } from '../base/random.js';
import { activations } from '../network/activations.js';
import { sumAt } from '../network/affine.js';
import { activationOf, type DeepNetwork, deepBlocks } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import type { Frame } from '../network/frame.js';
import { joined } from '../numeric/join.js';

/** How queries of a shell lie: a cloud, along single inputs, at corners, along the neurons' normals, near their bends. */
export type ShellKind = 'cloud' | 'single inputs' | 'corners' | 'normals' | 'bends' | 'pairs';

/** Queries that nothing was fitted to, of one kind and size, and how the network did on them. */
export interface Shell {
  readonly kind: ShellKind;
  /** Size of a coordinate, in the coordinates of the recovery: the spread of a cloud. */
  readonly size: number;
  readonly queries: number;
  /** Share of all held-out queries. */
  readonly share: number;
  /** Queries of which an answer is off by more than is allowed. */
  readonly contradicted: number;
}

/** The region that a verdict holds for: where the recovered network was held against fresh answers. */
export interface Region {
  /** Distances from the origin; the box of the bounds; the given pairs; the grid, with continuous inputs so large. */
  readonly kind: 'distances' | 'bounds' | 'pairs' | 'grid';
  /** Sizes of the coordinates of the queries, from and to. */
  readonly least: number;
  readonly most: number;
  /** Where distances are not those of the inputs from 0: what they are counted from, and in. */
  readonly around?: Frame;
  readonly shells: readonly Shell[];
}

/** Where inputs take some values alone: the coordinates that take any, and random values of the others (in place). */
export interface PlacesToAsk {
  readonly isContinuous: readonly boolean[];
  draw(points: Float64Array, random: RandomStream): Float64Array;
}

/** Fresh queries (count × d) of one kind and size, in the coordinates of the recovery. */
export interface PlannedShell {
  readonly kind: ShellKind;
  readonly size: number;
  readonly inputs: Float64Array;
  readonly count: number;
}

/** Smallest size that is asked, and the size of the usual held-out cloud, which is drawn elsewhere. */
export const leastSize = 0.1;
const usualSize = 1;

/** However accurate answers are, nobody asks further out than this, nor than where they say so much of themselves. */
const farthest = { size: 1e6, accuracy: 1e-3 };

/** Even coarse answers are asked about to here: students were trained at up to twice the usual spread, their tails lie here. */
const nearest = 10;

/** Queries of each kind at each size. */
const queries = { cloud: 60, single: 40, corners: 20, normals: 40 };

/**
 * Queries near the bends of each neuron, and in all at one size: far out, neurons that are nearly alike part there, and
 * very near a bend that is steep can be told from one that is sharp.
 */
const nearBends = { each: 4, most: 100 };

/**
 * Offsets from a sharp bend, one a decade: gelu neurons of slope 1e9 were taken for ReLU (certainty suite, seed 20261128,
 * problem 8365) where random ones missed the decade and a half in which they differ.
 */
const offsets = Array.from({ length: 13 }, (_, decade) => 10 ** -decade);

/** The sizes at which answers of a relative accuracy still say something of the target; within a limit up to it. */
export function sizesToAsk(relativeError: number, limit: number): number[] {
  if (limit < Number.POSITIVE_INFINITY) return [leastSize, usualSize / 2, limit / 2, limit];
  const most = Math.min(farthest.size, Math.max(nearest, farthest.accuracy / relativeError));
  const decades = Math.floor(Math.log10(most) + 1e-9);
  return [leastSize, ...Array.from({ length: decades }, (_, i) => 10 ** (i + 1))];
}

/**
 * The held-out queries beside the usual cloud: at every size a cloud, along single inputs in both directions, at
 * corners, along the normals of first-layer neurons; and where a neuron of the result (any layer, in the coordinates
 * of the recovery) is about to bend. With a `limit` on coordinates, clouds fill the cube; with `places` all of that is
 * about the coordinates that take any value, and the others are drawn there.
 */
export function planShells(
  network: DeepNetwork,
  sizes: readonly number[],
  limit: number,
  seed: number,
  places?: PlacesToAsk,
): PlannedShell[] {
  const d = network.shape.inputs;
  const random = randomStream(seed, 'held-out', 'region');
  const isCube = limit < Number.POSITIVE_INFINITY;
  const put = (inputs: Float64Array) => places?.draw(inputs, random) ?? inputs;
  const shell = (kind: ShellKind, size: number, rows: readonly Float64Array[]): PlannedShell[] =>
    rows.length === 0 ? [] : [{ kind, size, inputs: joined(rows), count: rows.length }];
  const many = (count: number, draw: () => Float64Array) => Array.from({ length: count }, draw);
  const free = sizes.flatMap((size) => [
    ...shell(
      'cloud',
      size,
      many(queries.cloud, () =>
        vector(d, () => size * (isCube ? 2 * random.uniform() - 1 : random.normal())),
      ),
    ),
    ...shell('single inputs', size, alongInputs(d, size, random, places)),
    ...(d === 1
      ? []
      : shell(
          'corners',
          size,
          many(queries.corners, () => vector(d, () => size * randomSign(random))),
        )),
    ...shell('normals', size, alongNormals(network, size, random)),
  ]);
  const bends = [usualSize, ...sizes].flatMap((size) =>
    shell('bends', size, atBends(network, isCube ? Math.min(size, limit / 2) : size, random, places)),
  );
  const inside = ({ inputs }: PlannedShell, isFree: (i: number) => boolean = () => true) =>
    isCube ? inputs.map((u, i) => (isFree(i) ? Math.min(limit, Math.max(-limit, u)) : u)) : inputs;
  const isFree = places && ((i: number) => places.isContinuous[i % d]);
  return [
    ...free.map((one) => ({ ...one, inputs: put(inside(one)) })),
    // their other coordinates are on the grid, and belong to the bends
    ...bends.map((one) => ({ ...one, inputs: inside(one, isFree) })),
  ];
}

const vector = (d: number, draw: (k: number) => number) =>
  Float64Array.from({ length: d }, (_, k) => draw(k));
const randomSign = (random: RandomStream) => (random.uniform() < 0.5 ? -1 : 1);

/** Numbers below `count`, all of them where they are few, else `most` random ones. */
function someOf(count: number, most: number, random: RandomStream): number[] {
  return count <= most
    ? Array.from({ length: count }, (_, i) => i)
    : Array.from({ length: most }, () => random.integer(count));
}

function alongInputs(d: number, size: number, random: RandomStream, places?: PlacesToAsk): Float64Array[] {
  return someOf(d, queries.single / 2, random)
    .filter((input) => places === undefined || places.isContinuous[input])
    .flatMap((input) => [-1, 1].map((sign) => vector(d, (k) => (k === input ? sign * size : 0))));
}

/** In both directions along the normals of first-layer neurons, `size` a coordinate as in a cloud. */
function alongNormals(
  { shape, parameters }: DeepNetwork,
  size: number,
  random: RandomStream,
): Float64Array[] {
  const { at, rows, columns } = deepBlocks(shape)[0];
  return someOf(rows, queries.normals / 2, random).flatMap((neuron) => {
    const normal = parameters.subarray(at + neuron * columns, at + (neuron + 1) * columns - 1);
    const length = Math.hypot(...normal) / Math.sqrt(shape.inputs);
    if (!(length > 0)) return [];
    return [-1, 1].map((sign) => vector(shape.inputs, (k) => (sign * size * normal[k]) / length));
  });
}

/**
 * Points on both sides of where each hidden neuron's pre-activation vanishes, reached from random points along its
 * gradient there: a neuron that is rarely active at all is seen at its bend.
 */
function atBends(
  network: DeepNetwork,
  spread: number,
  random: RandomStream,
  places: PlacesToAsk | undefined,
): Float64Array[] {
  const { inputs: d } = network.shape;
  return someNeurons(network, random).flatMap(({ layer, neuron, kinks }) =>
    Array.from({ length: nearBends.each }, (_, i) => {
      const cloud = vector(d, () => spread * random.normal());
      const start = places?.draw(cloud, random) ?? cloud;
      // the pre-activation to reach: one way or the other, within what switches a smooth neuron, and however near
      const aim =
        (i % 2 === 0 ? 1 : -1) *
        (i < nearBends.each / 2 ? 1 : 10 ** (-12 * random.uniform())) *
        random.uniform();
      const kink = kinks[(i >> 1) % kinks.length] ?? 0;
      return reach(network, { layer, neuron }, start, { aim, kink }, places?.isContinuous);
    }),
  );
}

/** Neurons of all layers that queries near bends are chosen for, those alone that have a sharp one where `areSharp`. */
function someNeurons({ shape }: DeepNetwork, random: RandomStream, areSharp = false) {
  const neurons = shape.widths.flatMap((width, layer) => {
    const { kinks } = activations[activationOf(shape, layer)];
    return areSharp && kinks.length === 0
      ? []
      : Array.from({ length: width }, (_, neuron) => ({ layer, neuron, kinks }));
  });
  return someOf(neurons.length, Math.ceil(nearBends.most / nearBends.each), random).map((i) => neurons[i]);
}

/**
 * Points ever nearer to the bends of neurons that have one, as near the origin as these come, within a `limit` on
 * coordinates: there weights' errors hide least of what a steep smooth neuron does otherwise. To be asked where nothing
 * else contradicts the network; undefined where no neuron has a bend.
 */
export function planCrossings(network: DeepNetwork, limit: number, seed: number): PlannedShell | undefined {
  const random = randomStream(seed, 'held-out', 'crossings');
  const { inputs: d } = network.shape;
  const neurons = someNeurons(network, random, true);
  if (neurons.length === 0) return undefined;
  const rows = neurons.flatMap(({ layer, neuron, kinks }) =>
    offsets.map((offset, i) => {
      const start = vector(d, () => (layer === 0 ? 0 : leastSize * random.normal()));
      const aim = { aim: randomSign(random) * offset, kink: kinks[i % kinks.length] };
      const point = reach(network, { layer, neuron }, start, aim, undefined);
      return point.map((u) => Math.min(limit, Math.max(-limit, u)));
    }),
  );
  return { kind: 'bends', size: leastSize, inputs: joined(rows), count: rows.length };
}

/** A step further than this, in sizes of the start, leads nowhere. */
const farthestStep = 100;

/** Newton steps along the gradient, of the coordinates that move; where they lead nowhere the start stays. */
function reach(
  network: DeepNetwork,
  { layer, neuron }: { readonly layer: number; readonly neuron: number },
  start: Float64Array,
  { aim, kink }: { readonly aim: number; readonly kink: number },
  moves: readonly boolean[] | undefined,
): Float64Array {
  const size = Math.max(1, ...start.map(Math.abs));
  let point = start;
  for (let step = 0; step < 4; step++) {
    const z = preActivation(network, layer, neuron, point);
    const whole = gradientOf(network, layer, neuron, point, z);
    const gradient = moves ? whole.map((value, k) => (moves[k] ? value : 0)) : whole;
    const square = gradient.reduce((sum, g) => sum + g * g, 0);
    const scale = activations[activationOf(network.shape, layer)].homogeneous ? Math.sqrt(square) : 1;
    const factor = (aim * scale + kink - z) / square;
    if (!Number.isFinite(factor) || Math.abs(factor) * Math.sqrt(square) > farthestStep * size) return start;
    point = point.map((value, k) => value + factor * gradient[k]);
    if (layer === 0) break;
  }
  return point;
}

/** How what a neuron sees (z) changes with the input: its own weights in the first layer. */
function gradientOf(
  network: DeepNetwork,
  layer: number,
  neuron: number,
  point: Float64Array,
  z: number,
): Float64Array {
  if (layer === 0) {
    const { at, columns } = deepBlocks(network.shape)[0];
    return network.parameters.slice(at + neuron * columns, at + (neuron + 1) * columns - 1);
  }
  return Float64Array.from(point, (value, k) => {
    const h = 1e-5 * Math.max(1, Math.abs(value));
    return (preActivation(network, layer, neuron, point.with(k, value + h)) - z) / h;
  });
}

/** What one neuron of a layer sees of an input. */
function preActivation(network: DeepNetwork, layer: number, neuron: number, point: Float64Array): number {
  const given = layer === 0 ? point : hiddenFeatures(network, { inputs: point, count: 1 }, layer - 1);
  const { at, columns } = deepBlocks(network.shape)[layer];
  return sumAt(network.parameters, at + neuron * columns, columns - 1, given);
}
