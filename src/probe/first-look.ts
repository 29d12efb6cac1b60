import { randomStream } from '../base/random.js';
import type { Kernels } from '../kernels/kernels.js';
import type { ActivationName } from '../network/activations.js';
import { boundedWith } from '../network/families.js';
import { growsFarOut, type Region, type Scalar, walk } from './far-field.js';
import { inspectKink, kinksOf } from './kinks.js';
import { mostFrequent, tailOf } from './probe.js';
import { readNeuron } from './profile.js';
import { roundedBends } from './rounded-bends.js';
import { roundedLine } from './rounded-layer.js';
import { stepsOf } from './steps.js';

/** What a short look at the far field tells about the activation. */
export interface FirstLook {
  readonly grows: boolean;
  /** What the bends or steps show: `relu` stands for leaky ReLU too, `tanh` for sigmoid. Undefined without any. */
  readonly activation: ActivationName | undefined;
  /** What the bends show where the answers are rounded: likely, but no proof. */
  readonly likely?: ActivationName | undefined;
  /** Whether bends of several activations were read. */
  readonly isMixed?: boolean;
}

/** Bends that are read, and lines that are walked for them. */
const wantedReadings = 3;
const mostLines = 8;

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
  const readings: ActivationName[] = [];
  for (let line = 0; grows && line < mostLines && readings.length < wantedReadings; line++) {
    for (const bend of await roundedBends(scalar, await roundedLine(scalar, random))) {
      const neuron = readings.length < wantedReadings && (await readNeuron(scalar, bend, kernels));
      if (neuron) readings.push(neuron.activation);
    }
  }
  const isMixed = new Set(readings).size > 1;
  return { grows, activation: undefined, likely: mostFrequent(readings), ...(isMixed && { isMixed }) };
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
