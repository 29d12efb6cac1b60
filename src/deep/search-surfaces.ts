import { randomStream } from '../base/random.js';
import type { Reached } from '../expand/search.js';
import { activations } from '../network/activations.js';
import type { Peeled } from '../peel/peeled.js';
import { wholeSpace } from '../probe/far-field.js';
import { type KnownLayers, orientFirst } from '../probe/layers.js';
import {
  refineKnown,
  type TracedLayer,
  type TraceOptions,
  traceLayer,
  usualWidth,
} from '../probe/trace-layer.js';
import { scalarOf } from '../problem/far-field.js';
import type { Search } from '../problem/problem.js';
import { type KnownLayer, neuronsOf } from '../records.js';
import type { LayerEvidence } from '../recovery.js';
import { searchBehind } from './search-behind.js';
import { type End, searchEnd } from './search-end.js';
import { searchShared } from './search-shared.js';
import { tracedWaves } from './search-traced.js';

/** Known layers, and what was found behind them. */
export interface DeepFind {
  readonly kind: 'deep';
  readonly peeled: Peeled;
  readonly reached: Reached;
  readonly layers: readonly LayerEvidence[];
}

/** What following surfaces behind known layers led to. */
export interface SurfaceSearch {
  readonly find: DeepFind | undefined;
  /** What was seen behind the known layers. */
  readonly traced: TracedLayer | undefined;
  /** Whether surfaces were seen that turn at known neurons: then the target has more hidden layers than these. */
  readonly isDeeper: boolean;
}

/** A first layer as the far field shows it, and what it shows behind that. */
export interface SeenLayers {
  readonly first: KnownLayer;
  /** Vectors of the second layer over what the first one gives, k × (features + 1). */
  readonly behind: Float64Array;
  /** Bends that no neuron of these two explains. */
  readonly unexplained: number;
}

/** What was seen of the first two layers: of a far field, and along surfaces behind that. */
export function seenLayers(field?: KnownLayers, surfaces?: SurfaceSearch): SeenLayers | undefined {
  const { known = field?.layers, incoming = new Float64Array(0), unexplained = 0 } = surfaces?.traced ?? {};
  const first = known?.[0];
  return first && { first, behind: incoming, unexplained };
}

/** A part of the search behind known layers. */
export interface SurfacePart {
  /** Whether it ends with students behind the next layer: before another layer is looked for behind that. */
  readonly isBrief?: boolean;
  /** What such a part saw, from which this one goes on. */
  readonly begun?: TracedLayer;
}

/** Hidden layers beyond this number are not looked for. */
export const mostKnownLayers = 3;

/** So many bends that no neuron of the next layer explains are those of deeper ones. */
const manyUnexplained = 5;

/** A second layer that deeper ones hide is looked for once more, so many times as long. */
const efforts = [1, 3];

/**
 * What is behind known layers of a target that grows, the first of which was read so far out (`distance`): the next
 * layer's neurons are followed along their surfaces; with those that were found, students with one hidden layer begin;
 * and where bends are left that the layer does not explain, the search goes on behind it.
 */
export async function searchSurfaces(
  layers: readonly KnownLayer[],
  evidence: readonly LayerEvidence[],
  distance: number,
  context: Search,
  { isBrief = false, begun }: SurfacePart = {},
): Promise<SurfaceSearch> {
  const { depth } = context.attempt.settings;
  const most = depth === 'auto' ? mostKnownLayers : depth - 1;
  const mayEnd = depth === 'auto' || layers.length === most;
  const found = (end: End): SurfaceSearch => ({
    find: findOf(end, evidence),
    traced: undefined,
    isDeeper: true,
  });
  const wide = mayEnd ? await searchWide(layers, distance, context) : undefined;
  if (wide !== undefined) return found(wide);
  let traced: TracedLayer | undefined;
  let isLikelyDeeper = false;
  for (const effort of layers.length === 1 ? efforts : [1]) {
    const before = traced;
    const again = before && { traced: before, effort };
    traced =
      (before ? undefined : begun) ?? (await traceWhole(before?.known ?? layers, distance, context, again));
    const { known, count, unexplained, incoming } = traced;
    // nothing seen behind one layer: there may be none; behind two, students may find what does not bend far out
    if (count === 0 && layers.length === 1) break;
    const isMore = before === undefined || count > before.count;
    const mayGoOn = count > 0 && unexplained > 0 && known.length < most && known[known.length - 1].oriented;
    isLikelyDeeper = mayGoOn && unexplained >= manyUnexplained;
    if (mayEnd && isMore && traced !== begun) {
      const waves = isLikelyDeeper || before !== undefined ? tracedWaves.slice(0, 1) : tracedWaves;
      const end = await searchEnd(known, incoming, context, waves);
      if (end !== undefined) return found(end);
    }
    if (isBrief) return { find: undefined, traced, isDeeper: true };
    const isWorthIt = layers.length === 1 || isLikelyDeeper;
    if (!mayGoOn || !isWorthIt || !(isMore || before?.unexplained === 0)) continue;
    const next = [...known, tracedLayer(known, traced)];
    const { find } = await searchSurfaces(next, [...evidence, describeTraced(traced)], distance, context);
    if (find !== undefined) return { find, traced, isDeeper: true };
  }
  const { known, count, incoming } = traced!;
  const isDeeper = count > 0;
  if (isBrief) return { find: undefined, traced, isDeeper };
  if (mayEnd && isDeeper && isLikelyDeeper) {
    const end = await searchEnd(known, incoming, context, tracedWaves.slice(1));
    if (end !== undefined) return found(end);
  }
  if (mayEnd && known.length === 1 && !isLikelyDeeper) {
    const { peeled, reached } = await searchBehind(known, context);
    if (reached !== undefined) return { ...found({ peeled, reached }), isDeeper };
  }
  return { find: undefined, traced, isDeeper };
}

/** Students behind known layers as a find, with how those layers were found. */
const findOf = ({ peeled, reached, together }: End, evidence: readonly LayerEvidence[]): DeepFind => ({
  kind: 'deep',
  peeled,
  reached,
  layers: describeTogether(evidence.slice(0, peeled.layers.length), together),
});

/** Students behind layers that are measured again: behind larger ones following surfaces takes longer than they do. */
async function searchWide(
  layers: readonly KnownLayer[],
  distance: number,
  context: Search,
): Promise<End | undefined> {
  if (layers.length === 1 || neuronsOf(layers[layers.length - 1]) <= usualWidth) return undefined;
  const { seed, register } = context.attempt.training;
  const random = randomStream(...register.name(seed, 'measured again', layers.length));
  const known = await refineKnown(scalarOf(context, 'surfaces'), layers, distance, random);
  const { peeled, reached } = await searchShared(known, context);
  return reached && { peeled, reached };
}

/** Layers that turn out to have been read wrong are corrected and traced behind again, so often at most. */
const mostCorrections = 3;

async function traceWhole(
  layers: readonly KnownLayer[],
  distance: number,
  context: Search,
  earlier?: Pick<TraceOptions, 'traced' | 'effort'>,
): Promise<TracedLayer> {
  const { environment, training } = context.attempt;
  const { seed, register, onEvent } = training;
  const onLine = (neurons: number) => onEvent?.({ kind: 'trace', layer: layers.length + 1, neurons });
  const options = { distance, onLine, ...earlier };
  const scalar = scalarOf(context, 'surfaces');
  const trace = (known: readonly KnownLayer[]) => {
    const name = register.name(seed, 'trace', known.length, earlier?.effort ?? 1);
    return traceLayer(scalar, known, name, environment.kernels, options);
  };
  let traced = await trace(layers);
  for (let round = 1; round <= mostCorrections; round++) {
    const { known, late, idle } = traced;
    const last = known[known.length - 1];
    // with its signs told a first layer is right as it is: a neuron too many is left out at the end
    const excess = known.length > 1 || !last.oriented ? idle : [];
    if (late.length === 0 && excess.length === 0) break;
    const size = last.inputs + 1;
    const own = Array.from({ length: last.incoming.length / size }, (_, j) =>
      last.incoming.slice(j * size, (j + 1) * size),
    ).filter((_, j) => !excess.includes(j));
    const incoming = Float64Array.from([...own, ...distinct(late)].flatMap((vector) => [...vector]));
    const right = { ...last, incoming };
    const turned = known.length > 1 ? right : await turnFirst(right, distance, context);
    const corrected = [...known.slice(0, -1), turned];
    traced = await trace(corrected);
  }
  return traced;
}

/** A first layer whose signs could not be told with the neurons that it had: independent directions tell them. */
async function turnFirst(layer: KnownLayer, distance: number, context: Search): Promise<KnownLayer> {
  if (layer.oriented) return layer;
  const { seed, register } = context.attempt.training;
  const random = randomStream(...register.name(seed, 'orientation', 'corrected', neuronsOf(layer)));
  const region = wholeSpace(context.problem.task.inputs, distance);
  return orientFirst(scalarOf(context, 'surfaces'), region, layer, random);
}

/** Vectors that are not multiples of earlier ones. */
function distinct(vectors: readonly Float64Array[]): Float64Array[] {
  const unit = vectors.map((vector) => vector.map((value) => value / Math.hypot(...vector)));
  const isNew = (own: Float64Array, i: number) =>
    unit
      .slice(0, i)
      .every((other) => 1 - Math.abs(own.reduce((sum, value, k) => sum + value * other[k], 0)) > 1e-8);
  return vectors.filter((_, i) => isNew(unit[i], i));
}

function tracedLayer(known: readonly KnownLayer[], { incoming, count }: TracedLayer): KnownLayer {
  const { activation, slope } = known[0];
  return {
    activation,
    slope,
    inputs: incoming.length / count - 1,
    incoming,
    oriented: activations[activation].symmetry !== 'even-linear',
  };
}

/** How a first layer was read off the far field. */
export function describeProbed({ layers, probed }: KnownLayers): LayerEvidence {
  const last = layers[layers.length - 1];
  return {
    how: 'far field',
    neurons: neuronsOf(last),
    lines: probed.lines,
    inspected: probed.inspected,
  };
}

function describeTraced({ count, lines, inspected }: TracedLayer): LayerEvidence {
  return { how: 'far field', neurons: count, lines, inspected };
}

/** Evidence of known layers, of which the last may have descended together with the next, as wide as told. */
function describeTogether(
  evidence: readonly LayerEvidence[],
  widths: readonly number[] | undefined,
): readonly LayerEvidence[] {
  const last = evidence[evidence.length - 1];
  if (widths === undefined || last?.how !== 'far field') return evidence;
  return [...evidence.slice(0, -1), { ...last, widths }];
}
