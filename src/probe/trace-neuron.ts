import type { RandomStream } from '../base/random.js';
import type { Kernels } from '../kernels/kernels.js';
import { dot } from '../numeric/dot.js';
import { type KnownLayer, neuronsOf } from '../records.js';
import { asymptotesOf, type Cell, cellAt, featureCount } from './cells.js';
import type { Region, Scalar } from './far-field.js';
import { gatherPlaces, type Patience } from './gather-places.js';
import type { Bend } from './kinks.js';
import { type Place, placeOf } from './place.js';
import { readNeuron } from './profile.js';
import { bendsInItsCell } from './same-cell.js';
import { type Surface, solveSurface } from './surface.js';
import { type Survey, surveySurface } from './survey.js';
import { marginOf, traceAcross } from './trace.js';

/** Surfaces are traced so many times farther out than bends are read: there is more room between known bends. */
export const traceFactor = 10 / 3;

/** A neuron of the layer after the known ones, as its surface shows it. */
export interface TracedNeuron {
  /** Weights on what the layer sees, then the bias. */
  readonly incoming: Float64Array;
  readonly places: readonly Place[];
  readonly surface: Surface;
  /** What the neuron sees changes by this over a distance of 1 where its surface was met first. */
  readonly scale: number;
  /** Points of its surface that were looked at. */
  readonly survey: Survey;
}

/** What tracing a neuron needs beside its bend. */
export interface TraceNeuronContext {
  readonly scalar: Scalar;
  readonly layers: readonly KnownLayer[];
  readonly region: Region;
  /** Surfaces are not followed farther out than this. */
  readonly reach: number;
  readonly random: RandomStream;
  readonly kernels: Kernels;
}

/**
 * Crossings that fail in a row, or that do not fit what was seen before, end a trace; in long ones behind many neurons
 * a share of the places may not fit.
 */
const mostFailures = 14;
const mostMisfits = { least: 3, share: 0.1 };

/**
 * Crossings in a row that determine no further weight end a trace: some surfaces lie on one side of a bend. More of
 * them, so many a weight, where there are many weights.
 */
const mostVain = { least: 24, perWeight: 2 };

/** A place whose normal does not fit the others to this accuracy is not of the same neuron. */
const largestMisfit = 1e-7;

/** A neuron of the layer is mostly seen at this share of the points of its surface at least. */
const usualShare = 0.5;

/** Points of a surface that must have been looked at, and at how many something must bend. */
const leastAsked = 8;
const leastSeen = 2;

/** Behind more neurons than this, what bends is looked at elsewhere in its cell before it is followed. */
const fewNeurons = 12;

/** Traces the neuron that bends somewhere; undefined where it is none of the layer after the known ones. */
export async function traceNeuron(
  bend: Bend,
  context: TraceNeuronContext,
): Promise<TracedNeuron | undefined> {
  const { scalar, layers, random, kernels } = context;
  const profile = await readNeuron(scalar, bend, kernels);
  if (profile === undefined) return undefined;
  const scale = dot(profile.incoming.subarray(0, -1), bend.normal);
  const start = placeOf(layers, bend);
  const isWide = neuronsOf(layers[layers.length - 1]) > fewNeurons;
  if (isWide && (await bendsInItsCell(start, context)) === false) return undefined;
  const cross = (from: Place, isOpen: (neuron: number) => boolean) => traceAcross(from, isOpen, context);
  const own = featureCount(layers, scalar.dimension);
  const places = await gatherPlaces(start, { scalar, layers, random, cross }, patienceFor(own, isWide));
  if (places === undefined) return undefined;
  const traced = await tracedFrom(places, scale, layers);
  const survey = await surveyTraced(traced, 2 * leastAsked, context);
  const isSeen = survey.asked >= leastAsked && survey.points.length >= leastSeen;
  return isSeen ? { ...traced, survey } : undefined;
}

/** How long the surface of a neuron with so many weights is followed, behind many neurons longer. */
function patienceFor(weights: number, isWide: boolean): Patience {
  const vain = isWide ? Math.max(mostVain.least, mostVain.perWeight * weights) : mostVain.least;
  // every weight may be the next to be determined: with so many places, the same come and go by rounding
  const mostPlaces = vain * (weights + 1);
  return {
    firstMisfit: 1e-5,
    misfit: largestMisfit,
    failures: () => mostFailures,
    misfits: (places) => Math.max(mostMisfits.least, isWide ? mostMisfits.share * places : 0),
    vain,
    isEnough: (places, determined) => places > mostPlaces || determined.every(Boolean),
  };
}

/** Whether a neuron bends at so much of its surface as one of the layer does usually. */
export function isMostlySeen({ survey }: TracedNeuron): boolean {
  return survey.points.length >= usualShare * survey.asked;
}

async function tracedFrom(
  places: readonly Place[],
  scale: number,
  layers: readonly KnownLayer[],
): Promise<Omit<TracedNeuron, 'survey'>> {
  const { activation, slope } = layers[0];
  const { meeting } = asymptotesOf(activation, slope);
  const surface = await solveSurface(layers, places);
  return { ...inScale(surface, scale, meeting), places, surface, scale };
}

/** Looks at points of a traced neuron's surface. */
export function surveyTraced(
  { incoming, places, surface }: Pick<TracedNeuron, 'incoming' | 'places' | 'surface'>,
  count: number,
  { scalar, layers, region, random }: TraceNeuronContext,
): Promise<Survey> {
  const { activation, slope } = layers[0];
  const { meeting } = asymptotesOf(activation, slope);
  const { pattern: own } = cellAt(layers, places[0].point);
  const first = own.length - neuronsOf(layers[layers.length - 1]);
  // a weight that the places do not determine plays no part where they are
  const isLike = ({ pattern }: Cell) =>
    own.every((side, k) => k < first || surface.determined[k - first] || pattern[k] === side);
  const suspect = { before: layers, incoming, meeting, isLike };
  const margin = marginOf(layers);
  return surveySurface(suspect, count, { scalar, region, known: layers, margin, random });
}

/** A surface's neuron in the scale that its bend's profile shows, up to its places. */
export function inScale(surface: Surface, scale: number, meeting: number): Pick<TracedNeuron, 'incoming'> {
  const incoming = surface.incoming.map((value) => scale * value);
  incoming[incoming.length - 1] += meeting;
  return { incoming };
}
