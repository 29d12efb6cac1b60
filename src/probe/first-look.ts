import { type RandomStream, randomStream } from '../base/random.js';
import type { Kernels } from '../kernels/kernels.js';
import { type ActivationName, activations } from '../network/activations.js';
import { boundedWith } from '../network/families.js';
import { growsFarOut, type Region, type Scalar, walk, wholeSpace } from './far-field.js';
import { inspectKink, kinksOf } from './kinks.js';
import { mostFrequent, tailOf } from './probe.js';
import { readNeuron } from './profile.js';
import { type RoundedBend, roundedBends, sameElsewhere } from './rounded-bends.js';
import { roundedDistance, roundedLine } from './rounded-layer.js';
import { stepsOf } from './steps.js';

/** What a short look at the far field tells about the activation. */
export interface FirstLook {
  readonly grows: boolean;
  /** What the bends or steps show: `relu` stands for leaky ReLU too, `tanh` for sigmoid. Undefined without any. */
  readonly activation: ActivationName | undefined;
  /** What the bends show where the answers are rounded: likely, but no proof. */
  readonly likely?: ActivationName | undefined;
  /** Whether bends are not the same all over their hyperplanes, as those of one hidden layer are. */
  readonly isDeep?: boolean;
  /** Whether bends of several activations were read. */
  readonly isMixed?: boolean;
}

/** Bends that are read, and lines that are walked for them. */
const wantedReadings = 3;
const mostLines = 8;

/** With one input all lines are parts of one: what the first shows that bends the others show again. */
const isSeen = ({ dimension }: Scalar, found: number): boolean => dimension === 1 && found > 0;

/**
 * Bends that are looked at elsewhere where answers are rounded. More than this share of them that differ there show
 * several hidden layers: of 126 targets of the deep suite (7 activations that grow, 1 to 3 hidden layers, seeds 0 to 5)
 * all were told right.
 */
const wantedBends = 6;
const fewestBends = 3;
const deepShare = 0.6;

/**
 * Sharp bends are as strong at this share of the points that are looked at, on average, or there are several hidden layers:
 * of 120 random targets (ReLU and leaky ReLU, 4 to 40 neurons) it was 0.64 and more with one layer, 0.38 and less with two
 * or three; of a trained leaky ReLU 5-8-4-1 it is 0.44, where three of six bends differ at most points.
 */
const sharpShare = 0.5;

/**
 * The same from answers that are rounded: whether they grow is certain, what the bends show is likely
 * (docs/method.md §7).
 */
export async function lookFarRounded(
  scalar: Scalar,
  region: Region,
  labels: readonly (string | number)[],
  kernels: Kernels,
): Promise<FirstLook> {
  const random = randomStream(...labels);
  const grows = await growsFarOut(scalar, region, random);
  return { grows, activation: undefined, ...(await lookAtBends(scalar, random, kernels, grows)) };
}

/** What a few bends of rounded answers show, of as many lines as it takes; nothing where none are to be looked at. */
export async function lookAtBends(
  scalar: Scalar,
  random: RandomStream,
  kernels: Kernels,
  mayBend = true,
): Promise<Pick<FirstLook, 'likely' | 'isMixed' | 'isDeep'>> {
  const bends: RoundedBend[] = [];
  for (let line = 0; mayBend && line < mostLines && bends.length < wantedBends; line++) {
    if (isSeen(scalar, bends.length)) break;
    bends.push(...(await roundedBends(scalar, await roundedLine(scalar, random))));
  }
  const readings: ActivationName[] = [];
  const same: number[] = [];
  const far = wholeSpace(scalar.dimension, roundedDistance);
  const looked = bends.slice(0, wantedBends);
  for (const bend of looked) {
    const neuron = readings.length < wantedReadings ? await readNeuron(scalar, bend, kernels) : undefined;
    if (neuron !== undefined) readings.push(neuron.activation);
    same.push(await sameElsewhere(scalar, far, bend, random));
  }
  const likely = mostFrequent(readings);
  const isSharp = likely !== undefined && activations[likely].homogeneous;
  return {
    likely,
    isMixed: new Set(readings).size > 1,
    isDeep: same.length >= fewestBends && areDeep(same, isSharp),
  };
}

/** Whether bends are those of several hidden layers, by the share of points at which each is as strong. */
function areDeep(same: readonly number[], areSharp: boolean): boolean {
  const elsewhere = same.filter((share) => share < 1 / 2).length;
  if (elsewhere > deepShare * same.length) return true;
  return areSharp && same.reduce((sum, share) => sum + share, 0) < sharpShare * same.length;
}

/**
 * Reads the activation off a few bends far out, of neurons of any layer: each is a piece of the activation's graph
 * (docs/method.md §7). For targets whose answers are accurate to about 1e-12.
 */
export async function lookFar(
  scalar: Scalar,
  region: Region,
  labels: readonly (string | number)[],
  kernels: Kernels,
): Promise<FirstLook> {
  const random = randomStream(...labels);
  const grows = await growsFarOut(scalar, region, random);
  const readings: ActivationName[] = [];
  const quickenings: number[] = [];
  for (let line = 0; line < mostLines && readings.length + quickenings.length < wantedReadings; line++) {
    if (isSeen(scalar, readings.length + quickenings.length)) break;
    const walked = await walk(scalar, region, random);
    if (!grows) {
      quickenings.push(...(await stepsOf(scalar, walked, () => false)).map((step) => step.quickening));
      continue;
    }
    for (const kink of await kinksOf(scalar, walked, () => false)) {
      if (readings.length >= wantedReadings) break;
      const bend = await inspectKink(scalar, kink);
      const neuron = bend && (await readNeuron(scalar, bend, kernels));
      if (neuron !== undefined) readings.push(neuron.activation);
    }
  }
  if (grows) {
    const isMixed = new Set(readings).size > 1;
    return { grows, activation: mostFrequent(readings), ...(isMixed && { isMixed }) };
  }
  return {
    grows,
    activation: quickenings.length === 0 ? undefined : boundedWith(tailOf(quickenings)),
  };
}
