import { type RandomStream, randomStream } from '../base/random.js';
import type { Kernels } from '../kernels/kernels.js';
import { dot } from '../numeric/dot.js';
import { type KnownLayer, neuronsOf } from '../records.js';
import { asymptotesOf, crossingsAlong } from './cells.js';
import { along, farDistance, type Scalar, type Walk, walk, walkCells, wholeSpace } from './far-field.js';
import { inspectKink, kinksOf } from './kinks.js';
import { orientBySpan } from './orient-span.js';
import { orientTraced } from './orient-traced.js';
import { refineLast } from './refine-layer.js';
import { withoutDeeper } from './sift.js';
import { sparseRegion } from './sparse-region.js';
import { solveSurface } from './surface.js';
import { inScale, isMostlySeen, type TracedNeuron, traceFactor, traceNeuron } from './trace-neuron.js';

/** What the surfaces of the far field tell about the layer after the known ones. */
export interface TracedLayer {
  /** The known layers, the first more exact than before, the last with its neurons' signs where they came out. */
  readonly known: readonly KnownLayer[];
  /** Incoming vectors of neurons that bend far out, k × (features + 1). */
  readonly incoming: Float64Array;
  readonly count: number;
  /** Those neurons, and others that only seemed to be of this layer, as they were traced. */
  readonly neurons: readonly TracedNeuron[];
  readonly others: readonly TracedNeuron[];
  readonly lines: number;
  readonly inspected: number;
  /** Bends that belong to no neuron of the known layers nor of this one. */
  readonly unexplained: number;
  /** Neurons of the last known layer that were missed there and bend here: vectors of inputs + 1. */
  readonly late: readonly Float64Array[];
  /** Numbers of those neurons of the last known layer that nothing behind it sees: they were no neurons of it. */
  readonly idle: readonly number[];
}

/** A bend this near to where a neuron is expected to bend is that neuron's. */
const sameBend = 40;

/** Lines that are walked at most, and how many in a row without anything new end the search. */
const mostLines = 40;
const quietLines = 6;

/** The same where bends are left that no neuron of the layer explains. */
const quietAmongDeeper = 10;

/** Bends in a row that belong to no neuron of this layer end the search too. */
const mostStrangers = 50;

/**
 * Queries since the last new neuron that end the search as well: so many, and so many times those until then. Of 14
 * ReLU targets of the deep suite (eight with two hidden layers, six with three) the longest wait for a neuron that was
 * found was 26,416 queries.
 */
const vain = { least: 100_000, factor: 2 };

/** Where and how long a layer's neurons are looked for. */
export interface TraceOptions {
  /** How far out the first layer was probed. */
  readonly distance?: number;
  /** Where an earlier search goes on from, and how many times as long as the first one it lasts. */
  readonly traced?: Pick<TracedLayer, 'neurons' | 'others'>;
  readonly effort?: number;
  /** Hears of the number of neurons after every line that is walked. */
  readonly onLine?: (neurons: number) => void;
}

/**
 * All of these behind layers of so many neurons; behind larger ones they grow with the square, and every other line goes
 * where few known neurons are active: with more neurons the one that is seen least is seen seldom.
 */
export const usualWidth = 12;

/**
 * Finds the neurons of the layer after the known ones by following the surfaces along which they bend (docs/method.md
 * §7): such a surface is a plane in every cell of the known layers, and turns where a known neuron bends. For targets
 * that grow, whose answers are accurate to about 1e-12.
 */
export async function traceLayer(
  scalar: Scalar,
  layers: readonly KnownLayer[],
  seed: number,
  kernels: Kernels,
  { distance = farDistance, traced = { neurons: [], others: [] }, effort = 1, onLine }: TraceOptions = {},
): Promise<TracedLayer> {
  const random = randomStream(seed, 'trace', layers.length, effort);
  const region = wholeSpace(scalar.dimension, traceFactor * distance);
  const reach = 10 * traceFactor * distance;
  const wider = Math.max(1, neuronsOf(layers[layers.length - 1]) / usualWidth) ** 2;
  const times = effort * wider;
  let known = await refineKnown(scalar, layers, distance, random);
  const last = known[known.length - 1];
  const signed = last.oriented ? undefined : await orientBySpan(scalar, known, region, random);
  if (signed !== undefined) known = [...known.slice(0, -1), signed];
  let found = traced.neurons;
  // neurons that bend on a small part of their surfaces: deeper ones' mostly
  let doubtful = traced.others;
  let [lines, inspected, unexplained, strangers] = [0, 0, 0, 0];
  const { asked } = scalar;
  const before = asked?.() ?? 0;
  let [spent, fruitful] = [0, 0];
  const isInVain = () => spent - fruitful > vain.least + vain.factor * fruitful;
  const late: Float64Array[] = [];
  const patience = () => times * (unexplained > 0 ? quietAmongDeeper : quietLines);
  const isTried = () => strangers >= times * mostStrangers;
  const sparse = sparseRegion(known, scalar.dimension, traceFactor * distance);
  for (let quiet = 0; quiet < patience() && lines < times * mostLines && !isTried() && !isInVain(); lines++) {
    const earlier = found.length;
    const walked = await walk(scalar, wider > 1 && lines % 2 === 1 ? sparse : region, random);
    let isExplained = explainedOn(known, [...found, ...doubtful], walked);
    for (const kink of await kinksOf(scalar, walked, isExplained)) {
      if (isTried() || isInVain()) break;
      const distance = dot(along(kink.at, walked.from, -1), walked.direction);
      if (isExplained(distance)) continue;
      const bend = await inspectKink(scalar, kink);
      if (bend === undefined) continue;
      inspected++;
      const neuron = await traceNeuron(bend, { scalar, layers: known, region, reach, random, kernels });
      const missed = neuron && missedNeuron(known, neuron);
      if (missed !== undefined) {
        late.push(missed);
      } else if (neuron === undefined || !isMostlySeen(neuron)) {
        unexplained++;
        strangers++;
        if (neuron !== undefined) doubtful = withoutTwins(doubtful, neuron);
      } else {
        found = withoutTwins(found, neuron);
        strangers = 0;
        // with its signs known a layer's outputs are all that the next one sees: fewer weights to find
        ({ known, found, doubtful } = (await turn(known, found, doubtful)) ?? { known, found, doubtful });
      }
      spent = (asked?.() ?? 0) - before;
      if (missed !== undefined || found.length > earlier) fruitful = spent;
      if (neuron !== undefined) isExplained = explainedOn(known, [...found, ...doubtful], walked);
    }
    quiet = found.length > earlier ? 0 : quiet + 1;
    onLine?.(found.length);
  }
  const all = [...found, ...doubtful];
  if (unexplained > 0 || traced.others.length > 0) {
    found = await withoutDeeper(all, { scalar, layers: known, region, reach, random, kernels });
  }
  return {
    known,
    incoming: Float64Array.from(found.flatMap((neuron) => [...neuron.incoming])),
    count: found.length,
    neurons: found,
    others: all.filter(({ places }) => found.every((neuron) => neuron.places !== places)),
    lines,
    inspected,
    unexplained,
    late,
    idle: idleNeurons(known, found),
  };
}

/** Known layers with the last one measured again, as far out as the next is looked for; `distance` is the first one's. */
export async function refineKnown(
  scalar: Scalar,
  layers: readonly KnownLayer[],
  distance: number,
  random: RandomStream,
): Promise<readonly KnownLayer[]> {
  const before = layers.slice(0, -1);
  const far = traceFactor * distance;
  const isWide = neuronsOf(layers[layers.length - 1]) > usualWidth;
  const regions = [
    wholeSpace(scalar.dimension, far),
    ...(isWide && before.length > 0 ? [sparseRegion(before, scalar.dimension, far)] : []),
  ];
  return refineLast(scalar, layers, regions, random);
}

/** Weights on a layer's outputs that are this much smaller than those on its inputs are none. */
const noWeight = 1e-6;

/** Neurons of the last known layer whose weight is nothing for all neurons that were found, where it is determined. */
function idleNeurons(known: readonly KnownLayer[], found: readonly TracedNeuron[]): number[] {
  const last = known[known.length - 1];
  const own = neuronsOf(last);
  return Array.from({ length: own }, (_, j) => j).filter((j) => {
    const tellers = found.filter(({ surface }) => surface.determined[j]);
    return (
      tellers.length >= leastTellers &&
      tellers.every(
        ({ incoming }) => Math.abs(incoming[j]) < noWeight * Math.hypot(...incoming.subarray(0, -1)),
      )
    );
  });
}

/** Neurons that must agree that one before them is idle. */
const leastTellers = 2;

/**
 * A neuron that sees nothing of the last known layer's outputs, but what that layer sees, is one of that layer's own
 * that was missed; undefined for others.
 */
function missedNeuron(known: readonly KnownLayer[], { incoming }: TracedNeuron): Float64Array | undefined {
  const last = known[known.length - 1];
  if (last.oriented) return undefined;
  const own = neuronsOf(last);
  const [outputs, inputs] = [incoming.subarray(0, own), incoming.subarray(own, -1)];
  return Math.hypot(...outputs) < noWeight * Math.hypot(...inputs) ? incoming.slice(own) : undefined;
}

/** Neurons whose weights agree to this, where both are determined, are the same. */
const sameWeights = 1e-4;

/** Adds a neuron; where it is there already, the one with more of its weights determined stays. */
function withoutTwins(found: readonly TracedNeuron[], neuron: TracedNeuron): readonly TracedNeuron[] {
  const twin = found.find((other) => isSame(other, neuron));
  if (twin === undefined) return [...found, neuron];
  const better = count(neuron.surface.determined) > count(twin.surface.determined) ? neuron : twin;
  return found.map((other) => (other === twin ? better : other));
}

function isSame(one: TracedNeuron, other: TracedNeuron): boolean {
  const both = one.surface.determined.map((isKnown, k) => isKnown && other.surface.determined[k]);
  const [u, v] = [one, other].map(({ incoming }) => {
    const weights = both.map((isKnown, k) => (isKnown ? incoming[k] : 0));
    const norm = Math.hypot(...weights);
    return Float64Array.from(weights, (value) => value / norm);
  });
  return count(both) > 1 && Math.abs(Math.abs(dot(u, v)) - 1) < sameWeights ** 2;
}

/** The known layer with its signs and its slope, where the neurons behind it tell them, and those neurons again. */
async function turn(
  known: readonly KnownLayer[],
  found: readonly TracedNeuron[],
  doubtful: readonly TracedNeuron[],
): Promise<
  | { known: readonly KnownLayer[]; found: readonly TracedNeuron[]; doubtful: readonly TracedNeuron[] }
  | undefined
> {
  const last = known[known.length - 1];
  if (last.oriented) return undefined;
  const turned = orientTraced(last, found, known.length === 1 && last.activation === 'relu');
  if (turned === undefined) return undefined;
  const layers = [...known.slice(0, -1), turned];
  const { meeting } = asymptotesOf(turned.activation, turned.slope);
  const again = async (neurons: readonly TracedNeuron[]) => {
    const solved: TracedNeuron[] = [];
    for (const neuron of neurons) {
      const surface = await solveSurface(layers, neuron.places);
      solved.push({ ...neuron, surface, ...inScale(surface, neuron.scale, meeting) });
    }
    return solved;
  };
  return { known: layers, found: await again(found), doubtful: await again(doubtful) };
}

/** Tells which positions on a walk belong to known neurons and to those that were found. */
function explainedOn(
  known: readonly KnownLayer[],
  found: readonly TracedNeuron[],
  walked: Walk,
): (t: number) => boolean {
  const { from, direction, cell } = walked;
  const last = known[known.length - 1];
  const layers = [...known];
  if (found.length > 0) {
    const incoming = Float64Array.from(found.flatMap((neuron) => [...neuron.incoming]));
    const inputs = found[0].incoming.length - 1;
    layers.push({ ...last, inputs, incoming, oriented: true });
  }
  const crossings = crossingsAlong(layers, from, direction, walkCells * cell);
  return (t) => crossings.some((crossing) => Math.abs(crossing - t) < sameBend);
}

const count = (values: readonly boolean[]) => values.filter(Boolean).length;
