import { type RandomStream, randomStream } from '../base/random.js';
import type { Kernels } from '../kernels/kernels.js';
import type { ActivationName } from '../network/activations.js';
import { mapAt } from './cells.js';
import { dot, growsFarOut, type Region, type Scalar, type Walk, walk } from './far-field.js';
import {
  bendsEverywhere,
  endsAtAnother,
  inspectKink,
  kinksOf,
  measureAgain,
  type Sighting,
} from './kinks.js';
import { type ProbedNeuron, readNeuron } from './profile.js';
import { type Step, stepsOf } from './steps.js';

/** What the far field tells about the first layer. */
export interface ProbedLayer {
  /** Whether the target grows without bound far out. */
  readonly grows: boolean;
  /** Incoming vectors of neurons, k × (d+1): exact for targets that grow, up to the bias for others. */
  readonly incoming: Float64Array;
  readonly count: number;
  /** The activation that they show: `relu` stands for leaky ReLU too, tanh for sigmoid. Undefined without any. */
  readonly activation: ActivationName | undefined;
  /** Lines that were walked, and bends or steps that were looked at. */
  readonly lines: number;
  readonly inspected: number;
}

/** Most lines that are walked, and how many in a row without anything new end the search. */
const mostLines = 60;
const quietLines = 16;

/**
 * Finds the neurons of the first layer, whatever the depth, by walking along lines far out, where the bends of
 * single neurons stand alone (docs/method.md §7). For targets whose answers are accurate to about 1e-12.
 */
export async function probeLayer(
  scalar: Scalar,
  region: Region,
  labels: readonly (string | number)[],
  kernels: Kernels,
): Promise<ProbedLayer> {
  const random = randomStream(...labels);
  const grows = await growsFarOut(scalar, region, random);
  return grows ? probeKinks(scalar, region, random, kernels) : probeSteps(scalar, region, random);
}

async function probeKinks(
  scalar: Scalar,
  region: Region,
  random: RandomStream,
  kernels: Kernels,
): Promise<ProbedLayer> {
  const found: (ProbedNeuron & Placed & { readonly sightings: readonly Sighting[] })[] = [];
  let inspected = 0;
  const lines = await walkLines(scalar, region, random, found, 1e-3, async (walked, isKnown) => {
    for (const kink of await kinksOf(scalar, walked, isKnown)) {
      inspected++;
      const bend = await inspectKink(scalar, kink);
      const sightings = bend && (await bendsEverywhere(scalar, region, bend, random));
      if (bend === undefined || sightings === undefined) continue;
      const again = await measureAgain(scalar, region, bend, random);
      const neuron =
        (again && (await readNeuron(scalar, again, kernels))) ?? (await readNeuron(scalar, bend, kernels));
      if (neuron === undefined || found.some((other) => isSame(other.incoming, neuron.incoming))) continue;
      found.push({ ...neuron, sightings, width: 4 * bend.width * Math.abs(bend.slant) });
    }
  });
  const activation = mostFrequent(found.map((neuron) => neuron.activation));
  const agreeing = found.filter(
    (neuron) =>
      neuron.activation === activation &&
      !endsAtAnother(
        neuron.sightings,
        found
          .filter((other) => other !== neuron)
          .map(
            ({ incoming }) =>
              (point: Float64Array) =>
                mapAt(incoming, point),
          ),
      ),
  );
  return { grows: true, ...gather(agreeing), activation, lines, inspected };
}

/** Hyperplanes this near to each other are the same: a neuron that was not recognised on its line. */
const sameHyperplane = 1e-3;

function isSame(one: Float64Array, other: Float64Array): boolean {
  const [u, v] = [one, other].map((vector) => {
    const norm = Math.hypot(...vector.subarray(0, -1));
    return vector.map((value) => value / norm);
  });
  const apart = (sign: number) => Math.hypot(...u.map((value, k) => value - sign * v[k]));
  return Math.min(apart(1), apart(-1)) < sameHyperplane;
}

/** Tails that quicken by more than this factor, in most of the steps, are Gaussian. */
const gaussianTail = 1.3;

async function probeSteps(scalar: Scalar, region: Region, random: RandomStream): Promise<ProbedLayer> {
  const found: (Placed & { readonly steps: Step['incoming']; readonly quickening: number })[] = [];
  const lines = await walkLines(scalar, region, random, found, 1, async (walked, isKnown) => {
    for (const step of await stepsOf(scalar, walked, isKnown)) {
      const { incoming, quickening, width } = step;
      found.push({ incoming: incoming.tanh, steps: incoming, quickening, width });
    }
  });
  const name = isGaussian(found.map((step) => step.quickening)) ? 'erf' : 'tanh';
  const activation = found.length === 0 ? undefined : name;
  const vectors = found.map(({ steps }) => ({ incoming: steps[name] }));
  return { grows: false, ...gather(vectors), activation, lines, inspected: found.length };
}

/** Whether most of the steps have Gaussian tails, by how much their tails quicken. */
export function isGaussian(quickenings: readonly number[]): boolean {
  return [...quickenings].sort((a, b) => a - b)[quickenings.length >> 1] > gaussianTail;
}

/** Where a neuron that was found bends or steps. */
interface Placed {
  readonly incoming: Float64Array;
  /** Along its normal. */
  readonly width: number;
}

/** Walks line after line until several in a row add nothing to `found`; returns their number. */
async function walkLines(
  scalar: Scalar,
  region: Region,
  random: RandomStream,
  found: readonly Placed[],
  slack: number,
  look: (walked: Walk, isKnown: (t: number) => boolean) => Promise<void>,
): Promise<number> {
  let lines = 0;
  for (let quiet = 0; quiet < quietLines && lines < mostLines; lines++) {
    const walked = await walk(scalar, region, random);
    const before = found.length;
    await look(walked, (t) =>
      found.some(({ incoming, width }) => {
        const { at, slant } = crossing(incoming, walked);
        return Math.abs(t - at) < slack * walked.cell + width / Math.abs(slant);
      }),
    );
    quiet = found.length > before ? 0 : quiet + 1;
  }
  return lines;
}

function gather(neurons: readonly { incoming: Float64Array }[]): { incoming: Float64Array; count: number } {
  const incoming = Float64Array.from(neurons.flatMap((neuron) => [...neuron.incoming]));
  return { incoming, count: neurons.length };
}

/** Where a hyperplane crosses a walk, and how steeply. */
function crossing(incoming: Float64Array, { from, direction }: Walk): { at: number; slant: number } {
  const weights = incoming.subarray(0, -1);
  const norm = Math.sqrt(dot(weights, weights));
  const slope = dot(weights, direction);
  return { at: -(dot(weights, from) + incoming[incoming.length - 1]) / slope, slant: slope / norm };
}

/** The value that occurs most often. */
export function mostFrequent<T>(values: readonly T[]): T | undefined {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
