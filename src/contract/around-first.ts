import { canProbe, type DeepSearchContext, scalarOf } from '../deep/context.js';
import {
  type DeepStudents,
  type DeepWave,
  type DeepWaveContext,
  randomDeepParameters,
  trainDeepWave,
} from '../expand/deep-students.js';
import { activations } from '../network/activations.js';
import { headOf } from '../network/families.js';
import { type RoundedLayer, readRoundedLayer } from '../probe/rounded-layer.js';

/** A wave of students whose first layer begins at neurons that the far field showed. */
export interface AroundWave {
  /** Random neurons beside those, and beside what is missing to the number of inputs. */
  readonly extra: number;
  /** Widths of the layers behind. */
  readonly behind: readonly number[];
  readonly spread: number;
  readonly students: number;
}

/**
 * The waves in order. Behind a known first layer wide clouds are better, as in float64: of g 6-7-4-2 (deep suite, seed
 * 701, float32) students of 7-12 stalled three times of three at 4e-4 and more with a spread of 1.5, and came to the
 * floor at once with 4, from first layers that were off by up to 0.3 a weight; students of 14-14 that start at random
 * stall with 4 too.
 */
export const aroundSchedule: readonly AroundWave[] = [
  { extra: 0, behind: [12], spread: 4, students: 4 },
  { extra: 2, behind: [14], spread: 2.5, students: 4 },
  { extra: 0, behind: [12, 12], spread: 2.5, students: 4 },
  { extra: 3, behind: [20], spread: 4, students: 4 },
  { extra: 2, behind: [14, 14], spread: 1.5, students: 4 },
  { extra: 2, behind: [16, 16], spread: 4, students: 4 },
];

/** Residuals a parameter: more than students need that begin at random, as those come to the floor oftener. */
const residuals = 8;

/** Answers that are accurate to this show the bends of single neurons far out. */
const bendingError = 1e-6;

/** What the first layer shows far out, where rounded answers show it and the activation may be the target's. */
export async function readFirst(context: DeepSearchContext): Promise<RoundedLayer | undefined> {
  const { source, relativeError, grows, activation, seed, environment } = context;
  if (!source.seesFar || relativeError > bendingError || grows === false || canProbe(context))
    return undefined;
  const read = await readRoundedLayer(scalarOf(context), [seed, 'rounded bends'], environment.kernels);
  if (read === undefined) return undefined;
  const isWanted = activation === 'auto' || headOf(activations[activation].trained) === read.activation;
  return isWanted ? read : undefined;
}

/** What a wave around a first layer needs to know beside its own description. */
type AroundContext = Omit<DeepWaveContext, 'activation' | 'skip' | 'first' | 'peeled' | 'starts' | 'descent'>;

/** The wave as one of students with these widths. */
export function asWave(
  { extra, behind, spread, students }: AroundWave,
  first: RoundedLayer,
  inputs: number,
): DeepWave {
  const own = startingVectors(first).length / (inputs + 1);
  const missing = Math.max(0, inputs - first.count);
  return { widths: [own + missing + extra, ...behind], spread, students, residuals };
}

/** Trains students whose first layer begins at the neurons that were read. */
export function trainAround(
  wave: DeepWave,
  first: RoundedLayer,
  context: AroundContext,
): Promise<DeepStudents> {
  const { seed, label } = context;
  const starting = startingVectors(first);
  const starts: DeepWaveContext['starts'] = async (shape) =>
    Array.from({ length: wave.students }, (_, i) => {
      const start = randomDeepParameters(shape, wave.spread, [seed, 'around first', label, i]);
      start.set(starting);
      return start;
    });
  return trainDeepWave(wave, { ...context, activation: first.activation, skip: false, peeled: 0, starts });
}

/**
 * The vectors that a first layer begins at. Where σ(−z) = σ(z) − κz both signs of each: which is the target's is open,
 * and both together give on what a neuron that points the wrong way lacks.
 */
function startingVectors({ activation, incoming }: RoundedLayer): Float64Array {
  if (activations[activation].symmetry !== 'even-linear') return incoming;
  return Float64Array.of(...incoming, ...incoming.map((value) => -value));
}
