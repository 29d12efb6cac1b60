import { clusterDefaults, clusterStudents } from '../../src/cluster/cluster.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type ActivationName, activations } from '../../src/network/activations.js';
import { joinParameters } from '../../src/network/shallow.js';
import type { Cluster, Clustering, Dataset, Student } from '../../src/records.js';
import { normalInputs } from '../run/networks.js';

/** An incoming vector (w₁, w₂, b). */
export type Row = readonly [number, number, number];

/** A student with 2 inputs and one output at the floor, with these neurons; even + linear ones have a skip path. */
export function studentWith(
  index: number,
  activation: ActivationName,
  rows: readonly Row[],
  outgoing: readonly number[] = rows.map(() => 1),
): Student {
  const skip = activations[activation].symmetry === 'even-linear';
  const extra = skip ? [0, 0, 0] : [0];
  return {
    index,
    start: 'random',
    spread: 1,
    samples: 300,
    shape: { inputs: 2, hidden: rows.length, outputs: 1, activation, slope: 0, skip },
    parameters: joinParameters(Float64Array.from(rows.flat()), Float64Array.from([...outgoing, ...extra])),
    loss: 1e-28,
    iterations: 9,
    reason: 'tolerance',
    lossCurve: Float64Array.of(1, 1e-28),
    atFloor: true,
  };
}

/** Pairs of Σ aⱼ·σ(w̃ⱼ·x̃), their answers alternately too large and too small by `error`. */
export function answersOf(
  activation: ActivationName,
  rows: readonly Row[],
  outgoing: readonly number[],
  error = 0,
  inputs = normalInputs(400, 2, 1.5),
): Dataset {
  const { value } = activations[activation];
  const count = inputs.length / 2;
  const outputs = Float64Array.from({ length: count }, (_, n) =>
    rows.reduce(
      (sum, [v, w, b], j) => sum + outgoing[j] * value(v * inputs[2 * n] + w * inputs[2 * n + 1] + b, 0),
      n % 2 === 0 ? error : -error,
    ),
  );
  return { inputs, outputs, count, inputDimension: 2, outputDimension: 1 };
}

/** The four corners (±1, ±1), so often: their second moments E[x̃x̃ᵀ] are the unit matrix. */
export function corners(times: number): Float64Array {
  return Float64Array.from(Array.from({ length: times }, () => [1, 1, 1, -1, -1, 1, -1, -1]).flat());
}

/** The members of a cluster as `student.neuron`, a space between two. */
export const membersOf = ({ members }: Cluster): string =>
  members.map(({ student, neuron }) => `${student}.${neuron}`).join(' ');

/** Vectors (rows × 3) one after another, as rows. */
export const rowsOf = (vectors: Float64Array): number[][] =>
  Array.from({ length: vectors.length / 3 }, (_, j) => [...vectors.subarray(3 * j, 3 * j + 3)]);

/** The two neurons of the target. */
export const [a, b]: readonly Row[] = [
  [1, -0.5, 0.25],
  [0.5, 1.5, -0.75],
];

/** The outgoing weights of `a` and `b`. */
export const outgoing = [1, -2];

/** The clustering of all students at once; answers are off by 1e-3, so that all good cuts leave about 1e-6. */
export function clusterAll(
  students: readonly Student[],
  dataset?: Dataset,
  minClusterShare = clusterDefaults.minClusterShare,
): Clustering {
  const { activation } = students[0].shape;
  const answers = dataset ?? answersOf(activation, [a, b], outgoing, 1e-3);
  return clusterStudents(students, answers, loadKernels(), {
    ...clusterDefaults,
    minClusterShare,
    studentCounts: [students.length],
  });
}

/** What is said of a cluster. */
export const has = (having: number, of: number, needed: number) =>
  `${having} of ${of} students have it, ${needed} are needed`;
