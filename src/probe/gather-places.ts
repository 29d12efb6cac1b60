import type { RandomStream } from '../base/random.js';
import { neuronsOf } from '../records.js';
import { featureCount } from './cells.js';
import type { Place, TraceContext } from './place.js';
import { addPlace, noEquations, solveEquations } from './surface.js';

/** When a neuron's surface is followed no further. */
export interface Patience {
  /** The first place alone fits a neuron to this, and others together with those before to that. */
  readonly firstMisfit: number;
  readonly misfit: number;
  /** Crossings that fail in a row end it, so many do that do not fit, and so many in a row that determine no further weight. */
  readonly failures: (places: number) => number;
  readonly misfits: (places: number) => number;
  readonly vain: number;
  /** Whether so many places, which determine some of these weights, are enough. */
  readonly isEnough: (places: number, determined: readonly boolean[], weights: Float64Array) => boolean;
}

/** Places of the surface of one neuron behind known layers, with how to get from one to the next. */
export interface Follow extends Pick<TraceContext, 'scalar' | 'layers'> {
  readonly random: RandomStream;
  /** A place beyond a bend that `isWanted`; undefined where the surface is lost. */
  cross(from: Place, isWanted: (neuron: number) => boolean): Promise<Place | undefined>;
}

/**
 * Follows the surface of a neuron from one place over the cells of the known layers until all of its weights are
 * determined, or no crossing tells more. Undefined where the places are not of one neuron.
 */
export async function gatherPlaces(
  start: Place,
  { scalar, layers, random, cross }: Follow,
  patience: Patience,
): Promise<Place[] | undefined> {
  const places = [start];
  let equations = addPlace(noEquations(featureCount(layers, scalar.dimension)), start, start.cell);
  let solved = solveEquations(equations);
  if (solved.residual > patience.firstMisfit) return undefined;
  const first = start.cell.pattern.length - neuronsOf(layers[layers.length - 1]);
  const isOpen = (neuron: number) => neuron >= first && !solved.determined[neuron - first];
  let [failures, misfits, vain] = [0, 0, 0];
  const isMistaken = () => misfits >= patience.misfits(places.length);
  while (failures < patience.failures(places.length) && !isMistaken() && vain < patience.vain) {
    if (patience.isEnough(places.length, solved.determined, solved.weights)) break;
    const from = places[failures % 3 === 0 ? places.length - 1 : random.integer(places.length)];
    const place = await cross(from, isOpen);
    if (place === undefined) {
      failures++;
      continue;
    }
    const more = addPlace(equations, place, place.cell);
    const next = solveEquations(more);
    if (next.residual > patience.misfit) {
      misfits++;
      continue;
    }
    places.push(place);
    failures = 0;
    vain = count(next.determined) > count(solved.determined) ? 0 : vain + 1;
    equations = more;
    solved = next;
  }
  return isMistaken() ? undefined : places;
}

const count = (values: readonly boolean[]) => values.filter(Boolean).length;
