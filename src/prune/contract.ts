import type { Kernels } from '../kernels/kernels.js';
import type { DeepNetwork, DeepShape } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import { isSmooth } from '../network/families.js';
import type { Fitter } from '../optimise/fit.js';
import { leaveOut } from '../polish/leave-out.js';
import { descend, descendWith, type PolishedDeep } from '../polish/polish-deep.js';
import { type Dataset, samplesOf } from '../records.js';
import { turnAnyLayer, turnPaired } from './turn-by-fit.js';
import { hasAffine, turnMirrored } from './turn-mirrored.js';

/** What a contraction needs beside a student and its samples. */
export interface ContractContext {
  /** Losses at or below this are what rounding and noise of the answers leave. */
  readonly floor: number;
  readonly fitter: Fitter;
  readonly kernels: Kernels;
  /** The hidden layer that alone may lose neurons, from 0; all of them where not given. */
  readonly only?: number;
  /** Where a neuron too many is one that others stand in for at once, or nearly: no patient descents, which take long. */
  readonly isBrief?: boolean;
}

/** Neurons that are tried where descents are brief. */
const triedBriefly = 3;

/**
 * A smaller network stays where its loss is within so many times the floor, or the loss of the one before, and in all the
 * student's: else those that stalled far above the floor shrink to nothing (tanh 4-6-6 from 1e-6 to 1-1-1 and 0.26).
 */
const mayLeave = { floors: 10, losses: 3, rise: 30 };

/** Networks that descend at a time, those first whose layers stand in best for what they lack. */
const atOnce = 2;

/**
 * At the beginning one neuron in so many goes at once, beside a try with one alone; half as many after they could not. Of
 * 14-12-12 softplus neurons for 7-6-4 one after another took 21 pairs of descents and 25 s.
 */
const atATime = 8;

/**
 * Neurons that are tried, and the descents after each has gone: brief ones, then, where no neuron goes that way,
 * patient ones. With 60 iterations alone a softplus student stayed at 5-5 and 3.8e-13, where 250 brought it to 5-4 and
 * the floor.
 */
const descents = [
  { most: 6, isLast: false, options: { maxIterations: 60, patience: 15, minDecrease: 0.05 } },
  { most: 6, isLast: false, options: { maxIterations: 300, patience: 60, minDecrease: 0.1 } },
  { most: 2, isLast: true, options: { maxIterations: 1000, patience: 150, minDecrease: 0.1 } },
] as const;

/**
 * Contracts a student that is wider than the target: neuron by neuron, in every layer, the one goes for which the
 * others of its layer and a constant stand in best; all parameters descend, and the smaller network stays where its
 * loss does not rise. Leaving out is an optimiser of its own: students that stalled come down to the floor as they
 * shrink. Ends where no neuron can go.
 */
export async function contract(
  student: PolishedDeep,
  dataset: Dataset,
  context: ContractContext,
): Promise<PolishedDeep> {
  let current = student;
  // as long as they can go, several neurons go at once
  let several = Math.floor(neuronsIn(student) / atATime);
  for (;;) {
    const limit = Math.min(
      limitFor(current, context.floor),
      mayLeave.rise * Math.max(student.loss, context.floor),
    );
    const smaller = await withoutOne(current, dataset, limit, several, context);
    if (smaller === undefined) break;
    if (several > 1 && neuronsIn(current) - neuronsIn(smaller) < several) several = Math.floor(several / 2);
    current = smaller;
  }
  // what may stay above the floor on the way has to come down to it at the end
  return current.loss > context.floor ? descendAtLast(current, dataset, context) : current;
}

/** A network after a patient descent to the floor, on samples that may be others than before. */
export const descendOn = (
  network: PolishedDeep,
  dataset: Dataset,
  { floor, fitter }: Pick<ContractContext, 'floor' | 'fitter'>,
): Promise<PolishedDeep> =>
  descendWith(optionsOf(network.shape, descents[1].options, floor), network, dataset, fitter);

async function descendAtLast(
  current: PolishedDeep,
  dataset: Dataset,
  { floor, fitter }: ContractContext,
): Promise<PolishedDeep> {
  const options = optionsOf(current.shape, descents[descents.length - 1].options, floor);
  const fit = await descendWith(options, current, dataset, fitter);
  return fit.loss < current.loss ? fit : current;
}

/** Options of a descent to the floor, which bends its steps where the activation has no kinks. */
function optionsOf<T>({ activation }: DeepShape, options: T, floor: number) {
  return { ...options, acceleration: isSmooth(activation), tolerance: floor };
}

const limitFor = ({ loss }: PolishedDeep, floor: number) =>
  Math.max(mayLeave.floors * floor, mayLeave.losses * loss);

/** The network without one neuron, or without several, where they can go; or with neurons turned so that some can go. */
async function withoutOne(
  current: PolishedDeep,
  dataset: Dataset,
  limit: number,
  several: number,
  context: ContractContext,
): Promise<PolishedDeep | undefined> {
  const { floor, fitter, isBrief = false } = context;
  const starts = standIns(current, dataset, context);
  if (starts.length > 0 && starts[0].loss <= limit) return starts[0];
  let tried: readonly PolishedDeep[] = starts;
  if (several > 1 && starts.length > 1) {
    const [one] = starts;
    const fewer = withoutMore(one, several - 1, dataset, context);
    const fitted = await fitter.fit(
      [fewer, one].map(({ shape, parameters }) =>
        descend(shape, parameters, dataset, optionsOf(shape, descents[0].options, floor)),
      ),
    );
    const found = fitted.find(({ loss }) => loss <= limit);
    if (found !== undefined) return found;
    tried = [fitted[1], ...starts.slice(1)];
  }
  const stages = isBrief ? descents.slice(0, 1) : descents;
  for (const [index, { most, options, isLast }] of stages.entries()) {
    // turned neurons cost one descent, and patient ones many
    const turned = index === 1 ? await withoutMirrored(current, dataset, limit, context) : undefined;
    if (turned !== undefined) return turned;
    // at the floor a neuron too many does not hold the others back
    if (isLast && current.loss <= floor) break;
    const going = [...tried].sort((a, b) => a.loss - b.loss).slice(0, isBrief ? triedBriefly : most);
    for (let next = 0; next < going.length; next += atOnce) {
      const fitted = await fitter.fit(
        going
          .slice(next, next + atOnce)
          .map(({ shape, parameters }) =>
            descend(shape, parameters, dataset, optionsOf(shape, options, floor)),
          ),
      );
      const found = fitted.find(({ loss }) => loss <= limit);
      if (found !== undefined) return found;
      fitted.forEach((fit, i) => {
        going[next + i] = fit;
      });
    }
    tried = going;
  }
  return undefined;
}

/** The network without so many neurons more, one after another those for which the others stand in best. */
function withoutMore(
  network: PolishedDeep,
  more: number,
  dataset: Dataset,
  context: ContractContext,
): PolishedDeep {
  let current = network;
  for (let left = more; left > 0; left--) {
    const [next] = standIns(current, dataset, context);
    if (next === undefined) break;
    current = next;
  }
  return current;
}

const neuronsIn = ({ shape }: PolishedDeep) => shape.widths.reduce((sum, width) => sum + width, 0);

/** Signs are told below the floor by this factor, where they are not at it. */
const belowFloor = 0.01;

/**
 * The network with neurons turned so that those that stand in for an affine map can go, mirror images of others among them. Where no signs explain that map it
 * comes down further first: at 1.3e-13, within the floor, those of softplus 7-8-4 for 7-6-4 were not told, at 3e-15 they were.
 */
async function withoutMirrored(
  current: PolishedDeep,
  dataset: Dataset,
  limit: number,
  { floor, fitter }: ContractContext,
): Promise<PolishedDeep | undefined> {
  const [, { options }] = descents;
  const lowest = async (tries: readonly DeepNetwork[]) => {
    for (const turned of tries) {
      const fit = await descendWith(optionsOf(turned.shape, options, floor), turned, dataset, fitter);
      if (fit.loss <= limit) return fit;
    }
    return undefined;
  };
  const tries = [...turnPaired(current, dataset), ...turnMirrored(current, dataset)];
  const found = await lowest(tries);
  if (found !== undefined || !hasAffine(current, dataset)) return found;
  const settling = optionsOf(current.shape, options, belowFloor * floor);
  const settled = await descendWith(settling, current, dataset, fitter);
  const again = tries.length > 0 ? undefined : await lowest(turnMirrored(settled, dataset));
  return again ?? lowest(turnAnyLayer(settled, dataset));
}

/** The network without each neuron of the layers that have more than one, the lowest loss first. */
function standIns(
  current: PolishedDeep,
  dataset: Dataset,
  { kernels, only }: ContractContext,
): PolishedDeep[] {
  const { shape } = current;
  const tries: PolishedDeep[] = [];
  for (const [layer, width] of shape.widths.entries()) {
    if (width === 1 || (only ?? layer) !== layer) continue;
    const features = hiddenFeatures(current, dataset, layer);
    const smaller = { ...shape, widths: shape.widths.map((m, index) => (index === layer ? m - 1 : m)) };
    const problem = kernels.deep(smaller, samplesOf(dataset));
    try {
      for (let j = 0; j < width; j++) {
        const left = leaveOut(current, layer, j, features, dataset.count);
        tries.push({ ...left, loss: problem.loss(left.parameters) });
      }
    } finally {
      problem.dispose();
    }
  }
  return tries.sort((a, b) => a.loss - b.loss);
}
