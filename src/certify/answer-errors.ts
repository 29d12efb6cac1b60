import { type Activation, activations } from '../network/activations.js';
import { type Block, type DeepNetwork, deepBlocks } from '../network/deep.js';

/** Variances of single answers (count × o each), in the units of the network's outputs. */
export interface AnswerErrors {
  /** What rounding leaves when target and network are evaluated. */
  readonly rounding: Float64Array;
  /** What the standard errors of the weights explain; 0 where they are not known. */
  readonly weights: Float64Array;
}

/** A kink this many deviations of its pre-activation away may be on the other side in the target. */
const nearKink = 5;

/**
 * What the answers of a network without a skip path to `inputs` (count × d) may be off by, answer by answer and to
 * first order. Rounding with unit `roundoff` changes every product and every partial sum, in the order in which a row
 * is added up; standard errors of the weights (p) are taken as independent. Both travel through the layers behind by
 * the derivatives there: u²·Σⱼ (∂f/∂zⱼ)²·(Σₖ (wⱼₖhₖ)² + Σₖ sⱼₖ²) and Σⱼ (∂f/∂zⱼ)²·Σₖ (δⱼₖhₖ)².
 */
export function answerErrors(
  { shape, parameters }: DeepNetwork,
  standardErrors: Float64Array,
  inputs: Float64Array,
  count: number,
  roundoff: number,
): AnswerErrors {
  const blocks = deepBlocks(shape);
  const activation = activations[shape.activation];
  const isKnown = standardErrors.every(Number.isFinite);
  const o = shape.outputs;
  const rounding = new Float64Array(count * o);
  const weights = new Float64Array(count * o);
  for (let n = 0; n < count; n++) {
    let given: Given = { values: inputs.subarray(n * shape.inputs, (n + 1) * shape.inputs) };
    const layers = blocks.map((block) => {
      const sums = sumUp(block, parameters, standardErrors, given, isKnown);
      const steepness = sums.seen.map((z, j) => {
        const reach = nearKink * Math.sqrt(roundoff ** 2 * sums.terms[j] + sums.errors[j]);
        return steepestNear(activation, z, reach, shape.slope);
      });
      given = giveOn(activation, sums.seen, shape.slope);
      return { ...sums, steepness };
    });
    for (let i = 0; i < o; i++) {
      let behind: Float64Array = new Float64Array(o).with(i, 1);
      for (let l = blocks.length - 1; l >= 0; l--) {
        const { terms, errors } = layers[l];
        behind.forEach((slope, j) => {
          rounding[n * o + i] += roundoff ** 2 * slope ** 2 * terms[j];
          weights[n * o + i] += slope ** 2 * errors[j];
        });
        if (l > 0) behind = backThrough(blocks[l], parameters, behind, layers[l - 1].steepness);
      }
    }
  }
  return { rounding, weights };
}

/** What a row reads, and the sizes that its rounding is measured by where those are not the same. */
interface Given {
  readonly values: Float64Array;
  readonly sizes?: Float64Array;
}

/**
 * What neurons give on. Smooth functions are often evaluated through numbers near 1, as 1 + erf(z): what is left far
 * out is rounded like those.
 */
function giveOn(activation: Activation, seen: Float64Array, slope: number): Given {
  const values = seen.map((z) => activation.value(z, slope));
  if (activation.homogeneous) return { values };
  return { values, sizes: values.map((h, j) => Math.max(Math.abs(h), Math.min(1, Math.abs(seen[j])))) };
}

/** What the rows of a block see, and the squares of what rounding and the weights' errors can change of it. */
function sumUp(
  { at, rows, columns }: Block,
  parameters: Float64Array,
  standardErrors: Float64Array,
  { values: given, sizes = given }: Given,
  isKnown: boolean,
) {
  const seen = new Float64Array(rows);
  const terms = new Float64Array(rows);
  const errors = new Float64Array(rows);
  for (let j = 0; j < rows; j++) {
    const row = at + j * columns;
    const bias = parameters[row + columns - 1];
    let sum = 0;
    for (let k = 0; k < columns - 1; k++) {
      const term = parameters[row + k] * given[k];
      sum += term;
      terms[j] += (parameters[row + k] * sizes[k]) ** 2 + sum * sum;
      if (isKnown) errors[j] += (standardErrors[row + k] * given[k]) ** 2;
    }
    sum += bias;
    terms[j] += bias * bias + sum * sum;
    if (isKnown) errors[j] += standardErrors[row + columns - 1] ** 2;
    seen[j] = sum;
  }
  return { seen, terms, errors };
}

/** The steepest slope at a pre-activation that may be off by `reach`. */
function steepestNear(activation: Activation, z: number, reach: number, slope: number): number {
  const own = Math.abs(activation.derivative(z, slope));
  if (!activation.homogeneous || Math.abs(z) > reach) return own;
  return Math.max(
    Math.abs(activation.derivative(reach, slope)),
    Math.abs(activation.derivative(-reach, slope)),
  );
}

/** ∂f/∂z of the layer before, from ∂f/∂z of the rows of a block. */
function backThrough(
  { at, rows, columns }: Block,
  parameters: Float64Array,
  behind: Float64Array,
  steepness: Float64Array,
): Float64Array {
  const before = new Float64Array(columns - 1);
  for (let j = 0; j < rows; j++) {
    if (behind[j] === 0) continue;
    for (let k = 0; k < columns - 1; k++) before[k] += behind[j] * parameters[at + j * columns + k];
  }
  for (let k = 0; k < columns - 1; k++) before[k] *= steepness[k];
  return before;
}
