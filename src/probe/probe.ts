import { type RandomStream, randomStream } from '../base/random.js';
import type { Kernels } from '../kernels/kernels.js';
import type { ActivationName } from '../network/activations.js';
import { boundedWith } from '../network/families.js';
import { dot } from '../numeric/dot.js';
import { median } from '../numeric/median.js';
import { mapAt } from './cells.js';
import { growsFarOut, type Region, type Scalar, type Walk, walk } from './far-field.js';
import { inspectKink, kinksOf, measureAgain, sightingsOf } from './kinks.js';
import { type ProbedNeuron, readNeuron } from './profile.js';
import { type Candidate, withoutDeeperOnes } from './spans.js';
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
  const found: ProbedCandidate[] = [];
  let inspected = 0;
  const solid = () => found.filter(isSolid).length;
  const lines = await walkLines(
    scalar,
    region,
    random,
    { found, count: solid, slack: 1e-3 },
    async (walked, isKnown) => {
      for (const kink of await kinksOf(scalar, walked, isKnown)) {
        inspected++;
        const bend = await inspectKink(scalar, kink);
        const sightings = bend && (await sightingsOf(scalar, region, bend, random));
        if (bend === undefined || sightings === undefined) continue;
        const again = await measureAgain(scalar, region, bend, random);
        const neuron =
          (again && (await readNeuron(scalar, again, kernels))) ?? (await readNeuron(scalar, bend, kernels));
        if (neuron === undefined || found.some((other) => isSame(other.incoming, neuron.incoming))) continue;
        found.push({
          ...neuron,
          points: sightings.filter(({ bends }) => bends).map(({ point }) => point),
          asked: sightings.length,
          sideAt: (point) => mapAt(neuron.incoming, point),
          width: 4 * bend.width * Math.abs(bend.slant),
        });
      }
    },
  );
  const activation = mostFrequent(found.filter(isSolid).map((neuron) => neuron.activation));
  const agreeing = withoutDeeperOnes(found.filter((neuron) => neuron.activation === activation));
  return { grows: true, ...gather(agreeing), activation, lines, inspected };
}

type ProbedCandidate = ProbedNeuron & Placed & Candidate;

/**
 * A neuron of the first layer mostly bends the target on this share of its hyperplane, or more. Measured on random
 * networks: 0.6 to 1 for the first layer, up to 0.4 for deeper ones.
 */
const solidShare = 0.55;

const isSolid = ({ points, asked }: Candidate) => points.length >= solidShare * asked;

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
  const count = () => found.length;
  const lines = await walkLines(
    scalar,
    region,
    random,
    { found, count, slack: 1 },
    async (walked, isKnown) => {
      for (const step of await stepsOf(scalar, walked, isKnown)) {
        const { incoming, quickening, width } = step;
        found.push({ incoming: incoming.exponential, steps: incoming, quickening, width });
      }
    },
  );
  const tail = tailOf(found.map((step) => step.quickening));
  const activation = found.length === 0 ? undefined : boundedWith(tail);
  const vectors = found.map(({ steps }) => ({ incoming: steps[tail] }));
  return { grows: false, ...gather(vectors), activation, lines, inspected: found.length };
}

/** What tails most of the steps have, by how much their tails quicken. */
export function tailOf(quickenings: readonly number[]): 'exponential' | 'gaussian' {
  return median(quickenings) > gaussianTail ? 'gaussian' : 'exponential';
}

/** Where a neuron that was found bends or steps. */
interface Placed {
  readonly incoming: Float64Array;
  /** Along its normal. */
  readonly width: number;
}

/** What was found on lines, how much of it counts as new, and how near to a known place, in cells, is that place. */
interface Findings {
  readonly found: readonly Placed[];
  readonly count: () => number;
  readonly slack: number;
}

/** Walks line after line until several in a row add nothing that counts; returns their number. */
async function walkLines(
  scalar: Scalar,
  region: Region,
  random: RandomStream,
  { found, count, slack }: Findings,
  look: (walked: Walk, isKnown: (t: number) => boolean) => Promise<void>,
): Promise<number> {
  let lines = 0;
  for (let quiet = 0; quiet < quietLines && lines < mostLines; lines++) {
    const walked = await walk(scalar, region, random);
    const before = count();
    await look(walked, (t) =>
      found.some(({ incoming, width }) => {
        const { at, slant } = crossing(incoming, walked);
        return Math.abs(t - at) < slack * walked.cell + width / Math.abs(slant);
      }),
    );
    quiet = count() > before ? 0 : quiet + 1;
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
