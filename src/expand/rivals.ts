import { type ActivationName, activations } from '../network/activations.js';
import { sumAt } from '../network/affine.js';
import { headOf, isBounded, isTriedFirst } from '../network/families.js';
import { type ShallowShape, shallowParameterCount, splitParameters } from '../network/shallow.js';
import { descentFrom, type FitJob, type Fitter } from '../optimise/fit.js';
import { type Dataset, firstPairs, samplesOf } from '../records.js';
import type { Candidate } from './candidates.js';
import { usesSkip } from './expand.js';
import { rivalWave } from './schedule.js';
import { type Reached, train } from './search.js';
import type { Task, Training } from './task.js';
import { isWide } from './wide.js';

/** What was found, for its rivals to match: one incoming vector a neuron (m × (d+1)), its samples, their spread. */
export interface Found {
  readonly incoming: Float64Array;
  readonly dataset: Dataset;
  readonly spread: number;
  readonly activation: ActivationName;
}

/**
 * Tries every other hypothesis with as many neurons as were found: one of them at the floor makes the
 * activation ambiguous. Returns those that got there. Wide networks start from the neurons that were found,
 * where a rival would have to have its own: a descent from there is short, and no random start comes as near.
 */
export async function testRivals(
  rivals: readonly Candidate[],
  found: Found,
  task: Task,
  training: Training,
): Promise<Candidate[]> {
  const { fitter } = training;
  if (isWide(task.inputs)) return descendFromFound(rivals, found, task, fitter);
  const hidden = found.incoming.length / (task.inputs + 1);
  const equal: Candidate[] = [];
  for (const rival of rivals.filter(({ trained }) => isTriedFirst(trained))) {
    const { students } = await train(rivalWave(hidden, found.spread), rival, task, training);
    if (students.length > 0) equal.push(rival);
  }
  const others = rivals.filter(({ trained }) => !isTriedFirst(trained));
  return [...equal, ...(await descendFromFound(others, found, task, fitter))];
}

/** The hypotheses that have to be tried against what was found, and those that need not be. */
export interface Rivals {
  readonly tried: readonly Candidate[];
  readonly ruledOut: readonly Candidate[];
}

/**
 * Leaves out the rivals that the far field rules out: a target that grows is no network of a bounded activation, and
 * one whose bends are the graph of an activation (1e-17 of it apart) is none of another that is tried after the first
 * ones. Without a far field a ReLU neuron is also a clipped one whose other kink is out of sight, which says nothing:
 * where two of them make one clipped neuron, the clipped ones are fewer (reconstruct/join-clipped.ts). Where single neurons
 * were seen along lines of their own, activations that those are none of are left out too (method.md §8).
 */
export function chooseRivals(
  candidates: readonly Candidate[],
  { candidate, look, excluded = [] }: Pick<Reached, 'candidate' | 'look' | 'excluded'>,
): Rivals {
  // a told member of a family is no rival of what is called by another member's name
  const family = headOf(candidate.trained);
  const rivals = candidates.filter(({ trained }) => headOf(trained) !== family);
  const isShown = look?.activation === candidate.trained;
  const isRuledOut = ({ trained }: Candidate) => {
    if (excluded.includes(trained)) return true;
    if (look !== undefined && look.grows === isBounded(trained)) return true;
    if (isShown && !isTriedFirst(trained)) return true;
    return activations[candidate.trained].homogeneous && trained === 'hardtanh';
  };
  return {
    tried: rivals.filter((rival) => !isRuledOut(rival)),
    ruledOut: rivals.filter(isRuledOut),
  };
}

/** A rival's descent from the neurons that were found. */
const short = { maxIterations: 60, patience: 6, minDecrease: 0.05, initialDamping: 1e-4 };

async function descendFromFound(
  rivals: readonly Candidate[],
  { incoming, dataset, activation }: Found,
  { tolerances, inputs, outputs }: Task,
  fitter: Fitter,
): Promise<Candidate[]> {
  const vectors = activations[activation].homogeneous ? scaleToInputs(incoming, dataset) : incoming;
  const shapes = rivals.map(({ trained, path = false }): ShallowShape => {
    const bare = { inputs, outputs, slope: 0, activation: trained, hidden: incoming.length / (inputs + 1) };
    return {
      ...bare,
      skip: path || usesSkip(bare, 'random') || activations[trained].symmetry === 'none',
    };
  });
  const options = { ...short, tolerance: tolerances.training };
  const descend = async (which: readonly number[], on: Dataset, from: (i: number) => Float64Array) => {
    const samples = samplesOf(on);
    const jobs = which.map((i): FitJob => descentFrom(shapes[i], from(i), samples, options));
    const fitted = await fitter.fit(jobs);
    return which.flatMap((i, at) => (fitted[at].loss <= tolerances.training ? [{ i, at: fitted[at] }] : []));
  };
  const all = rivals.map((_, i) => i);
  const few = Math.max(...shapes.map(determining), 0);
  // who cannot answer the samples that determine its weights cannot answer more of them
  const equal = await descend(
    all,
    dataset.count > 2 * few ? firstPairs(dataset, few) : dataset,
    () => vectors,
  );
  if (equal.length === 0 || dataset.count <= 2 * few) return equal.map(({ i }) => rivals[i]);
  const reached = new Map(equal.map(({ i, at }) => [i, splitParameters(at.shape, at.parameters).incoming]));
  return (await descend([...reached.keys()], dataset, (i) => reached.get(i)!)).map(({ i }) => rivals[i]);
}

/** Samples that determine the weights of a shape. */
const determining = (shape: ShallowShape) =>
  Math.max(Math.ceil((4 * shallowParameterCount(shape)) / shape.outputs), 8 * (shape.inputs + 1));

/** Incoming vectors whose length is free, made so long that their neuron's input has the deviation 1.5. */
function scaleToInputs(incoming: Float64Array, { inputs, count, inputDimension: d }: Dataset): Float64Array {
  const scaled = incoming.slice();
  for (let at = 0; at < incoming.length; at += d + 1) {
    let squares = 0;
    for (let n = 0; n < count; n++) {
      const z = sumAt(incoming, at, d, inputs, n * d);
      squares += z * z;
    }
    const factor = 1.5 / Math.sqrt(squares / count);
    for (let k = at; k <= at + d; k++) scaled[k] *= factor;
  }
  return scaled;
}
