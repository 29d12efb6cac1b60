import { type ActivationName, activations } from '../network/activations.js';
import { extraColumns, type ShallowNetwork, type ShallowShape, splitParameters } from '../network/shallow.js';
import { turnRows } from '../numeric/signs.js';
import { resolveSigns, type SignResolution } from './signs.js';

/** Incoming vectors as in the target, and how their signs were found. */
export interface Oriented {
  readonly activation: ActivationName;
  readonly slope: number;
  /** k × (d+1) */
  readonly incoming: Float64Array;
  /** Undefined where the activation leaves no sign to resolve. */
  readonly signs: SignResolution | undefined;
}

/** The affine path must be explained to this accuracy, relative to the neurons' own affine parts (unmeasured), */
const explanationTolerance = 1e-5;

/** or, where the answers are less accurate, to this many times their relative error (unmeasured). */
const errorFactor = 30;

/** A leaky slope this near to zero is ReLU. */
const smallestSlope = 1e-7;

/**
 * Turns mirrored neurons of an even + linear activation back (method.md §6) and reads the slope of a leaky
 * ReLU, which is trained as ReLU. `wanted` is the activation asked for; where `leaky`, its slope is free.
 * `relativeError` is that of the answers. Other activations pass through, and neurons that fit without a path.
 */
export function resolveMirrors(
  fitted: ShallowNetwork,
  wanted: ActivationName,
  leaky: boolean,
  relativeError: number,
): Oriented {
  const { shape, parameters } = fitted;
  const { activation } = shape;
  const { incoming } = splitParameters(shape, parameters);
  const entry = activations[activation];
  if (entry.symmetry !== 'even-linear' || !shape.skip) {
    return { activation, slope: 0, incoming: incoming.slice(), signs: undefined };
  }
  const { skip, maps } = affineParts(shape, parameters);
  const half = leaky ? undefined : entry.evenSlope(0) / 2;
  const signs = resolveSigns(skip, maps, half, Math.max(explanationTolerance, errorFactor * relativeError));
  if (signs.kind !== 'resolved') return { activation: wanted, slope: 0, incoming: incoming.slice(), signs };
  const oriented = turnRows(incoming, signs.signs);
  // h = (1 + α) / (2·(1 − α))
  const slope = leaky ? (signs.half - 0.5) / (signs.half + 0.5) : 0;
  const isLeaky = Math.abs(slope) > Math.max(smallestSlope, errorFactor * relativeError);
  return {
    activation: leaky ? (isLeaky || wanted === 'leaky_relu' ? 'leaky_relu' : 'relu') : activation,
    slope: isLeaky ? slope : 0,
    incoming: oriented,
    signs,
  };
}

/** The linear map of the skip path (o × d), and of every neuron the matrix aᵢvᵢᵀ (m × (o·d)). */
export function affineParts(
  shape: ShallowShape,
  parameters: Float64Array,
): { skip: Float64Array; maps: Float64Array } {
  const { inputs: d, hidden: m, outputs: o } = shape;
  const { incoming, outgoing } = splitParameters(shape, parameters);
  const columns = m + extraColumns(shape);
  const skip = new Float64Array(o * d);
  const maps = new Float64Array(m * o * d);
  for (let i = 0; i < o; i++) {
    for (let k = 0; k < d; k++) {
      skip[i * d + k] = outgoing[i * columns + m + k];
      for (let j = 0; j < m; j++) {
        maps[(j * o + i) * d + k] = outgoing[i * columns + j] * incoming[j * (d + 1) + k];
      }
    }
  }
  return { skip, maps };
}
