import type { Kernels } from '../kernels/kernels.js';
import type { ShallowShape } from '../network/shallow.js';
import type { Dataset, Deletion, Network, Student } from '../records.js';
import { containsNeurons } from './agreement.js';
import type { Certificate } from './certificate.js';
import { measureHeldOut } from './held-out.js';
import { inUnitsOfOutputs, measureIdentifiability } from './identifiability.js';
import { propagatedError, roundingFloor } from './noise.js';
import { type OutsideErrors, withOutsideErrors } from './outside-errors.js';
import { findUnseen } from './unseen.js';

/** A network with one hidden layer as shape and parameters. */
interface ShallowNetwork {
  readonly shape: ShallowShape;
  readonly parameters: Float64Array;
}

/** All that a certificate is made from. */
export interface CertifyInput {
  readonly network: Network;
  /** The network's shape and parameters in the whole input space, for outputs divided by their scales. */
  readonly whole: ShallowNetwork;
  /** The same in the coordinates of the last descent, its loss, and the scaled samples that it was fitted to. */
  readonly descended: ShallowNetwork & { readonly loss: number };
  readonly dataset: Dataset;
  /** Where those coordinates are a subspace: its basis (k × d) and the errors of the weights outside of it. */
  readonly outside?: OutsideErrors;
  /** Fresh pairs, unscaled. */
  readonly heldOut: Dataset;
  /** The scales of the outputs (o) and the unit roundoff of the answers. */
  readonly scales: Float64Array;
  readonly roundoff: number;
  /** Variance of the noise on the answers, in scaled outputs. */
  readonly noise: number;
  /** The part of it that comes from rounding to a grid. */
  readonly quantisation: number;
  readonly students: readonly Student[];
  readonly deletions: readonly Deletion[];
  /** The samples that the students saw, and the network's incoming vectors in their coordinates. */
  readonly seen: { readonly dataset: Dataset; readonly incoming: Float64Array };
}

/** Collects the evidence for a recovered network with one hidden layer (method.md §9). */
export function certify(input: CertifyInput, kernels: Kernels): Certificate {
  const { dataset, roundoff, students, deletions, seen, outside } = input;
  const { shape, parameters, loss } = input.descended;
  const floor = roundingFloor(shape, parameters, dataset, roundoff) + input.noise;
  const inside = measureIdentifiability(shape, parameters, dataset, floor, kernels);
  const known = outside === undefined ? inside : withOutsideErrors(inside, shape, input.whole, outside);
  const atFloor = students.filter((student) => student.atFloor);
  const needed = deletions.filter((deletion) => !deletion.removed);
  const baseline = Math.max(loss, floor);
  return {
    floor,
    slopeIsFitted: shape.activation === 'leaky_relu',
    floorCause: causeOf(input, floor),
    heldOut: measureHeldOut(input.network, input.heldOut, input.scales, (scaled) => ({
      rounding: roundingFloor(input.whole.shape, input.whole.parameters, scaled, roundoff) + input.noise,
      weights: propagatedError(input.whole.shape, input.whole.parameters, known.standardErrors, scaled),
    })),
    identifiability: inUnitsOfOutputs(known, input.whole.shape, input.scales),
    minimal: needed.length === shape.hidden,
    leastDeletionFactor: Math.min(...needed.map((deletion) => deletion.lossWithout / baseline)),
    unseen: findUnseen({
      ...input.whole,
      standardErrors: known.standardErrors,
      samples: input.heldOut,
      tested: seen.incoming,
      deletions,
      baseline,
    }),
    agreement: {
      students: atFloor.length,
      agreeing: atFloor.filter((student) => containsNeurons(student, seen.incoming, seen.dataset)).length,
    },
  };
}

/** What makes the floor. */
export function causeOf(
  { noise, quantisation }: Pick<CertifyInput, 'noise' | 'quantisation'>,
  floor: number,
): Certificate['floorCause'] {
  if (noise <= floor / 2) return 'rounding';
  return quantisation > noise / 2 ? 'quantisation' : 'noise';
}
