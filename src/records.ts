export type { Layer, Network, Path } from './network/network.js';

import type { Samples } from './kernels/kernels.js';
import type { ActivationName } from './network/activations.js';
import type { DeepShape } from './network/deep.js';
import type { ShallowShape } from './network/shallow.js';
import { joined } from './numeric/join.js';
import { takeRows } from './numeric/take-rows.js';
import type { Minimum, StopReason } from './optimise/levenberg-marquardt.js';

/** Input-output pairs: `inputs` count × inputDimension and `outputs` count × outputDimension, row-major. */
export interface Dataset {
  readonly inputs: Float64Array;
  readonly outputs: Float64Array;
  readonly count: number;
  readonly inputDimension: number;
  readonly outputDimension: number;
}

/** What training needs of a dataset: all but its dimensions, which a shape has. */
export function samplesOf({ inputs, outputs, count }: Dataset): Samples {
  return { inputs, outputs, count };
}

/** The first `count` pairs of a dataset, as views. */
export function firstPairs(dataset: Dataset, count: number): Dataset {
  if (count === dataset.count) return dataset;
  return {
    ...dataset,
    inputs: dataset.inputs.subarray(0, count * dataset.inputDimension),
    outputs: dataset.outputs.subarray(0, count * dataset.outputDimension),
    count,
  };
}

/** Copies of the pairs of a dataset at `rows`, in their order. */
export function pairsAt(dataset: Dataset, rows: readonly number[]): Dataset {
  const { inputs, outputs, inputDimension, outputDimension } = dataset;
  return {
    ...dataset,
    inputs: takeRows(inputs, inputDimension, rows),
    outputs: takeRows(outputs, outputDimension, rows),
    count: rows.length,
  };
}

/** The pairs of two datasets with the same dimensions, those of `a` first. */
export function joinPairs(a: Dataset, b: Dataset): Dataset {
  const [inputs, outputs] = [joined([a.inputs, b.inputs]), joined([a.outputs, b.outputs])];
  return { ...a, inputs, outputs, count: a.count + b.count };
}

/** The last `count` pairs of a dataset, as views. */
export function lastPairs(dataset: Dataset, count: number): Dataset {
  return {
    ...dataset,
    inputs: dataset.inputs.subarray((dataset.count - count) * dataset.inputDimension),
    outputs: dataset.outputs.subarray((dataset.count - count) * dataset.outputDimension),
    count,
  };
}

/**
 * How a student begins: at random weights of its full width, grown neuron by neuron, or from an earlier
 * student that stalled, half of it pruned and grown again, or at neurons that the far field or second differences showed.
 */
export type Start = 'random' | 'grown' | 'continued' | 'known';

/** One trained imitator of the target. */
export interface Student {
  /** Number of the student in its run, from 0. */
  readonly index: number;
  readonly start: Start;
  /** Layers of the target that were known and peeled off before; its inputs are what they give. 0 if missing. */
  readonly peeled?: number;
  /** Standard deviation of the inputs that it was trained on, and their number. */
  readonly spread: number;
  readonly samples: number;
  /** Its width is the width at the end. */
  readonly shape: ShallowShape;
  /** θ, laid out as `shallowParameterCount` says, for outputs divided by their scales. */
  readonly parameters: Float64Array;
  /** Mean squared residual on its samples, in scaled outputs. */
  readonly loss: number;
  readonly iterations: number;
  readonly reason: StopReason;
  readonly lossCurve: Float64Array;
  /** Whether the loss is down to what rounding of the answers leaves. */
  readonly atFloor: boolean;
}

/** A trained imitator with several hidden layers; the rest is as in a student with one. */
export interface DeepStudent extends Omit<Student, 'shape'> {
  readonly shape: DeepShape;
}

/** Whether a student imitates the target with one hidden layer: those behind known layers have inputs of their own. */
export const isOfOneLayer = (student: Student | DeepStudent): student is Student =>
  'hidden' in student.shape && (student.peeled ?? 0) === 0;

/** A student, or another descent, after one more descent from where it was: its loss curve goes on. */
export function goOn<S extends Minimum>(
  earlier: S,
  { parameters, loss, iterations, reason, lossCurve }: Minimum,
): S {
  return {
    ...earlier,
    parameters,
    loss,
    iterations: earlier.iterations + iterations,
    reason,
    lossCurve: Float64Array.from([...earlier.lossCurve, ...lossCurve]),
  };
}

/** A layer whose neurons are known from the far field. */
export interface KnownLayer {
  readonly activation: ActivationName;
  readonly slope: number;
  /** What the layer before gives, or the target's own inputs. */
  readonly inputs: number;
  /** Incoming vectors, r × (inputs + 1), bias last. */
  readonly incoming: Float64Array;
  /** Whether every neuron's sign is known; otherwise mirrored neurons are among them. */
  readonly oriented: boolean;
}

/** Number of neurons of a known layer. */
export function neuronsOf({ incoming, inputs }: Pick<KnownLayer, 'incoming' | 'inputs'>): number {
  return incoming.length / (inputs + 1);
}

/** A group of incoming vectors that several students share. */
export interface Cluster {
  readonly members: readonly { readonly student: number; readonly neuron: number }[];
  /** Share of the clustered students that have a member in it, 0…1. */
  readonly share: number;
  /** Median distance between members, in the metric of the clustering. */
  readonly medianDistance: number;
  readonly kept: boolean;
  /** Why it was kept or dropped, in words. */
  readonly why: string;
}

/** One height at which the tree was cut, and how well the clusters that count imitate the target. */
export interface Cut {
  /** How many students, best first, were clustered. */
  readonly students: number;
  readonly height: number;
  /** Clusters that count at this height. */
  readonly clusters: number;
  /**
   * Loss with the best output weights for one neuron a cluster, in scaled outputs; NaN where it is not measured, as
   * the neurons are not those of the last hidden layer.
   */
  readonly loss: number;
}

/** The clustering of one layer's incoming vectors. */
export interface Clustering {
  /** Indices of the clustered students. */
  readonly students: readonly number[];
  readonly metric: string;
  /** SciPy's linkage rows (a, b, height, size) of the chosen set of students. */
  readonly linkage: Float64Array;
  readonly cuts: readonly Cut[];
  readonly chosen: Cut;
  readonly clusters: readonly Cluster[];
  /** One incoming vector for every kept cluster: k × (d+1), bias last. */
  readonly incoming: Float64Array;
}

/** One deletion test: the loss to which the others return without this neuron. */
export interface Deletion {
  /** Incoming vector (d+1) of the neuron that was left out. */
  readonly incoming: Float64Array;
  readonly lossWithout: number;
  /** True when the loss returned to the floor: the neuron was superfluous and stays out. */
  readonly removed: boolean;
  /** True where no network was trained without it: the loss, or less than it, follows from JᵀJ. */
  readonly isEstimated?: boolean;
}
