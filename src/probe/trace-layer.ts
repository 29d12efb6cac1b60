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
import { idleNeurons, missedNeuron, withoutTwins } from './traced-neurons.js';

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
  labels: readonly (string | number)[],
  kernels: Kernels,
  { distance = farDistance, traced = { neurons: [], others: [] }, effort = 1, onLine }: TraceOptions = {},
): Promise<TracedLayer> {
  const random = randomStream(...labels);
  const region = wholeSpace(scalar.dimension, traceFactor * distance);
  const reach = 10 * traceFactor * distance;
  const wider = Math.max(1, neuronsOf(layers[layers.length - 1]) / usualWidth) ** 2;
  const known = await refineKnown(scalar, layers, distance, random);
  const last = known[known.length - 1];
  const signed = last.oriented ? undefined : await orientBySpan(scalar, known, region, random);
  const started = signed === undefined ? known : [...known.slice(0, -1), signed];
  const search = new LayerSearch({ scalar, region, reach, random, kernels }, started, traced, effort * wider);
  const sparse = sparseRegion(started, scalar.dimension, traceFactor * distance);
  let lines = 0;
  for (let quiet = 0; search.goesOn(quiet, lines); lines++) {
    const earlier = search.found.length;
    await search.follow(await walk(scalar, wider > 1 && lines % 2 === 1 ? sparse : region, random));
    quiet = search.found.length > earlier ? 0 : quiet + 1;
    onLine?.(search.found.length);
  }
  return search.result(lines, traced.others.length > 0);
}

/** What following a bend needs beside the known layers. */
type Surroundings = Omit<Parameters<typeof traceNeuron>[1], 'layers'>;

/** A search for the neurons of a layer, line by line. */
class LayerSearch {
  found: readonly TracedNeuron[];
  readonly #about: Surroundings;
  readonly #times: number;
  #known: readonly KnownLayer[];
  /** Neurons that bend on a small part of their surfaces: deeper ones' mostly. */
  #doubtful: readonly TracedNeuron[];
  readonly #late: Float64Array[] = [];
  #inspected = 0;
  #unexplained = 0;
  #strangers = 0;
  readonly #before: number;
  #spent = 0;
  #fruitful = 0;

  constructor(
    about: Surroundings,
    known: readonly KnownLayer[],
    { neurons, others }: Pick<TracedLayer, 'neurons' | 'others'>,
    times: number,
  ) {
    this.#about = about;
    this.#known = known;
    this.found = neurons;
    this.#doubtful = others;
    this.#times = times;
    this.#before = about.scalar.asked?.() ?? 0;
  }

  /** Whether another line is walked, after so many, the last `quiet` of which showed nothing new. */
  goesOn(quiet: number, lines: number): boolean {
    const patience = this.#times * (this.#unexplained > 0 ? quietAmongDeeper : quietLines);
    return quiet < patience && lines < this.#times * mostLines && !this.#isOver();
  }

  #isOver(): boolean {
    const isTried = this.#strangers >= this.#times * mostStrangers;
    const isInVain = this.#spent - this.#fruitful > vain.least + vain.factor * this.#fruitful;
    return isTried || isInVain;
  }

  /** Follows the bends on a line that no neuron explains that is known or was found. */
  async follow(walked: Walk): Promise<void> {
    const { scalar } = this.#about;
    const earlier = this.found.length;
    const explained = () => explainedOn(this.#known, [...this.found, ...this.#doubtful], walked);
    let isExplained = explained();
    for (const kink of await kinksOf(scalar, walked, isExplained)) {
      if (this.#isOver()) break;
      if (isExplained(dot(along(kink.at, walked.from, -1), walked.direction))) continue;
      const bend = await inspectKink(scalar, kink);
      if (bend === undefined) continue;
      this.#inspected++;
      const neuron = await traceNeuron(bend, { ...this.#about, layers: this.#known });
      const missed = neuron && missedNeuron(this.#known, neuron);
      if (missed === undefined) await this.#add(neuron);
      else this.#late.push(missed);
      this.#spent = (scalar.asked?.() ?? 0) - this.#before;
      if (missed !== undefined || this.found.length > earlier) this.#fruitful = this.#spent;
      if (neuron !== undefined) isExplained = explained();
    }
  }

  /** Adds what a bend was traced to: undefined where it belongs to no neuron of the layer. */
  async #add(neuron: TracedNeuron | undefined): Promise<void> {
    if (neuron === undefined || !isMostlySeen(neuron)) {
      this.#unexplained++;
      this.#strangers++;
      if (neuron !== undefined) this.#doubtful = withoutTwins(this.#doubtful, neuron);
      return;
    }
    this.found = withoutTwins(this.found, neuron);
    this.#strangers = 0;
    // with its signs known a layer's outputs are all that the next one sees: fewer weights to find
    const turned = await turn(this.#known, this.found, this.#doubtful);
    if (turned === undefined) return;
    this.#known = turned.known;
    this.found = turned.found;
    this.#doubtful = turned.doubtful;
  }

  /** The layer after so many lines; `isAgain` where neurons of an earlier search were doubtful. */
  async result(lines: number, isAgain: boolean): Promise<TracedLayer> {
    const known = this.#known;
    const all = [...this.found, ...this.#doubtful];
    const neurons =
      this.#unexplained > 0 || isAgain
        ? await withoutDeeper(all, { ...this.#about, layers: known })
        : this.found;
    return {
      known,
      incoming: Float64Array.from(neurons.flatMap((neuron) => [...neuron.incoming])),
      count: neurons.length,
      neurons,
      others: all.filter(({ places }) => neurons.every((neuron) => neuron.places !== places)),
      lines,
      inspected: this.#inspected,
      unexplained: this.#unexplained,
      late: this.#late,
      idle: idleNeurons(known, neurons),
    };
  }
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
