import type { Reached } from '../expand/search.js';
import { activations } from '../network/activations.js';
import type { Peeled } from '../peel/peeled.js';
import { type TracedLayer, traceLayer } from '../probe/trace-layer.js';
import type { KnownLayer } from '../records.js';
import type { LayerEvidence } from '../recovery.js';
import { type DeepSearchContext, scalarOf } from './context.js';
import { searchBehind } from './search-behind.js';
import { searchTraced, tracedWaves } from './search-traced.js';

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
  /** Whether surfaces were seen that turn at known neurons: then the target has more hidden layers than these. */
  readonly isDeeper: boolean;
}

/** What following surfaces needs beside the search. */
export interface SurfaceSearchContext extends DeepSearchContext {
  /** How far out the first layer was read. */
  readonly distance: number;
}

/** Hidden layers beyond this number are not looked for. */
export const mostKnownLayers = 3;

/** So many bends that no neuron of the next layer explains are those of deeper ones. */
const manyUnexplained = 5;

/**
 * What is behind known layers of a target that grows: the next layer's neurons are followed along their surfaces; with
 * those that were found, students with one hidden layer begin; and where bends are left that the layer does not explain,
 * the search goes on behind it.
 */
export async function searchSurfaces(
  layers: readonly KnownLayer[],
  evidence: readonly LayerEvidence[],
  context: SurfaceSearchContext,
): Promise<SurfaceSearch> {
  const { depth } = context;
  const traced = await traceWhole(layers, context);
  const { known, count, unexplained, incoming } = traced;
  const most = depth === 'auto' ? mostKnownLayers : depth - 1;
  const isDeeper = count > 0;
  const mayEnd = depth === 'auto' || known.length === most;
  const mayGoOn = count > 0 && unexplained > 0 && known.length < most && known[known.length - 1].oriented;
  const isLikelyDeeper = mayGoOn && unexplained >= manyUnexplained;
  const found = (find: { peeled: Peeled; reached: Reached }): SurfaceSearch => ({
    find: { kind: 'deep', ...find, layers: evidence },
    isDeeper,
  });
  const first = isLikelyDeeper ? 1 : tracedWaves.length;
  if (mayEnd && count > 0) {
    const find = await searchTraced(known, incoming, context, tracedWaves.slice(0, first));
    if (find !== undefined) return found(find);
  }
  if (mayGoOn) {
    const next = [...known, tracedLayer(known, traced)];
    const { find } = await searchSurfaces(next, [...evidence, describeTraced(traced)], context);
    if (find !== undefined) return { find, isDeeper };
  }
  if (mayEnd && count > 0 && first < tracedWaves.length) {
    const find = await searchTraced(known, incoming, context, tracedWaves.slice(first));
    if (find !== undefined) return found(find);
  }
  if (mayEnd && known.length === 1 && !isLikelyDeeper) {
    const { peeled, reached } = await searchBehind(known, context);
    if (reached !== undefined) return found({ peeled, reached });
  }
  return { find: undefined, isDeeper };
}

/** Layers that turn out to have been read wrong are corrected and traced behind again, so often at most. */
const mostCorrections = 3;

async function traceWhole(
  layers: readonly KnownLayer[],
  context: SurfaceSearchContext,
): Promise<TracedLayer> {
  const { seed, distance, environment } = context;
  let traced = await traceLayer(scalarOf(context), layers, seed, environment.kernels, distance);
  for (let round = 1; round <= mostCorrections; round++) {
    const { known, late, idle } = traced;
    if (late.length === 0 && (idle.length === 0 || known.length === 1)) break;
    const last = known[known.length - 1];
    const size = last.inputs + 1;
    const own = Array.from({ length: last.incoming.length / size }, (_, j) =>
      last.incoming.slice(j * size, (j + 1) * size),
    ).filter((_, j) => known.length === 1 || !idle.includes(j));
    const incoming = Float64Array.from([...own, ...distinct(late)].flatMap((vector) => [...vector]));
    const corrected = [...known.slice(0, -1), { ...last, incoming }];
    traced = await traceLayer(scalarOf(context), corrected, seed + round, environment.kernels, distance);
  }
  return traced;
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

function describeTraced({ count, lines, inspected }: TracedLayer): LayerEvidence {
  return { how: 'far field', neurons: count, lines, inspected };
}
