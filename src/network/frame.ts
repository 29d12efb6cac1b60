import { activations } from './activations.js';
import { type DeepNetwork, deepBlocks } from './deep.js';

/**
 * How the coordinates u that a recovery works in become the target's inputs x, one by one: x = shift + scale·u.
 * A box of bounds is a cube inside, and given pairs are standardised.
 */
export interface Frame {
  /** d numbers each; the scales are positive. */
  readonly shifts: Float64Array;
  readonly scales: Float64Array;
}

/** Inputs of the target (count × d) from coordinates of the recovery; without a frame they are the same. */
export function toInputs(frame: Frame | undefined, coordinates: Float64Array): Float64Array {
  if (frame === undefined) return coordinates;
  const { shifts, scales } = frame;
  const d = shifts.length;
  return coordinates.map((u, i) => shifts[i % d] + scales[i % d] * u);
}

/** A network with standard errors of its weights (p), which may be NaN or infinite. */
export interface KnownNetwork {
  readonly network: DeepNetwork;
  readonly standardErrors: Float64Array;
}

/** Half a unit in the last place of 1: what rounding leaves of every product. */
const roundoff = 2 ** -53;

/**
 * A network that was recovered in the coordinates of a frame, for the target's own inputs, and the standard errors of
 * its weights there: w = w_u / scale and b = b_u − w·shift, whose errors add up as independent ones, as w_u and b_u
 * hardly depend on each other where the coordinates are centred. Where the scale of a neuron is free, its incoming
 * vector gets the length 1 again, and the error of its length goes to its outgoing weights.
 */
export function liftThroughFrame(known: KnownNetwork, frame: Frame | undefined): KnownNetwork {
  if (frame === undefined) return known;
  const { shape } = known.network;
  const { shifts, scales } = frame;
  const parameters = known.network.parameters.slice();
  const standardErrors = known.standardErrors.slice();
  const [first, next] = deepBlocks(shape);
  const d = first.columns - 1;
  for (let j = 0; j < first.rows; j++) {
    const at = j * first.columns;
    const row = parameters.subarray(at, at + first.columns);
    for (let k = 0; k < d; k++) {
      row[k] /= scales[k];
      row[d] -= row[k] * shifts[k];
    }
    // behind a normalisation a row has no scale of its own
    const isScaleFree = activations[shape.activation].homogeneous && !shape.normalised;
    const isNormalised = next !== undefined && isScaleFree;
    const norm = isNormalised ? Math.hypot(...row) || 1 : 1;
    for (let k = 0; k <= d; k++) row[k] /= norm;
    const errors = standardErrors.subarray(at, at + first.columns);
    const ofLength = liftErrors(row, errors, frame, norm, isNormalised);
    for (let i = 0; isNormalised && i < next.rows; i++) {
      const outgoing = next.at + i * next.columns + j;
      parameters[outgoing] *= norm;
      const [own, weight] = [standardErrors[outgoing] * norm, parameters[outgoing]];
      standardErrors[outgoing] = Math.hypot(own, weight * ofLength, roundoff * weight);
    }
  }
  if (shape.skip && !shape.residual) liftPaths(known.network, parameters, standardErrors, frame);
  return { network: { shape, parameters }, standardErrors };
}

/** The paths from the inputs to later layers, whose inputs stand before the bias: changes weights and errors in place. */
function liftPaths(
  { shape }: DeepNetwork,
  parameters: Float64Array,
  standardErrors: Float64Array,
  { shifts, scales }: Frame,
): void {
  const d = shape.inputs;
  for (const { at, rows, columns } of deepBlocks(shape).slice(1)) {
    for (let j = 0; j < rows; j++) {
      const bias = at + (j + 1) * columns - 1;
      for (let k = 0; k < d; k++) {
        const place = bias - d + k;
        parameters[place] /= scales[k];
        parameters[bias] -= parameters[place] * shifts[k];
        const error = standardErrors[place] / scales[k];
        const rounding = roundoff * parameters[place];
        standardErrors[place] = Math.hypot(error, rounding);
        standardErrors[bias] = Math.hypot(standardErrors[bias], error * shifts[k], rounding * shifts[k]);
      }
    }
  }
}

/**
 * Lifts the errors of an incoming vector in place: those of the weights move the bias too, and where the vector `row`
 * was divided by its `norm` to the length 1, nothing remains along it. Returns the relative error of the length.
 */
function liftErrors(
  row: Float64Array,
  errors: Float64Array,
  { shifts, scales }: Frame,
  norm: number,
  isNormalised: boolean,
): number {
  const d = row.length - 1;
  const variances = new Float64Array(d + 1);
  let ofLength = 0;
  for (let k = 0; k <= d; k++) {
    if (errors[k] === 0) continue;
    // an error of coordinate k moves weight k and the bias, and by `along` the length
    const own = k === d ? 0 : errors[k] / (scales[k] * norm);
    const ofBias = k === d ? errors[d] / norm : shifts[k] === 0 ? 0 : -own * shifts[k];
    const along = isNormalised ? own * row[k] + ofBias * row[d] : 0;
    for (let i = 0; i <= d; i++) {
      const moved = (i === k ? own : 0) + (i === d ? ofBias : 0) - row[i] * along;
      variances[i] += moved ** 2;
    }
    ofLength += along ** 2;
  }
  for (let k = 0; k < d; k++) variances[d] += (roundoff * row[k] * shifts[k]) ** 2;
  // a weight is a float64 number, however well it is known
  for (let i = 0; i <= d; i++) errors[i] = Math.hypot(Math.sqrt(variances[i]), roundoff * row[i]);
  return Math.sqrt(ofLength);
}
