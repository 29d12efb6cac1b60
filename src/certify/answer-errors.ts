import { type Activation, activations } from '../network/activations.js';
import { activationOf, type Block, type DeepNetwork, deepBlocks, isPassed, normOf } from '../network/deep.js';
import { joined } from '../numeric/join.js';
import { errorsThroughNorm, type NormPass, normPassFor, throughNorm } from './norm-errors.js';

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
 * What the answers of a network to `inputs` (count × d) may be off by, answer by answer and to
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
  const known = standardErrors.every(Number.isFinite) ? standardErrors : undefined;
  const layers = deepBlocks(shape).map((block) => passFor(block));
  const norm = normPassFor(normOf({ shape, parameters }), known);
  if (norm !== undefined) layers[0].norm = norm;
  const o = shape.outputs;
  const rounding = new Float64Array(count * o);
  const weights = new Float64Array(count * o);
  for (let n = 0; n < count; n++) {
    let values: Float64Array = inputs.subarray(n * shape.inputs, (n + 1) * shape.inputs);
    let sizes = values;
    for (const [index, layer] of layers.entries()) {
      const activation = activations[activationOf(shape, index)];
      sumUp(layer, parameters, known, values, sizes);
      if (layer.norm !== undefined) throughNorm(layer.norm, layer);
      giveOn(layer, activation, shape.slopes ?? shape.slope, roundoff);
      if (isPassed(shape, index)) {
        // what a layer behind paths sees
        [values, sizes] = [joined([layer.values, values]), joined([layer.sizes, sizes])];
      } else ({ values, sizes } = layer);
    }
    for (let i = 0; i < o; i++) {
      const total = errorOfOutput(layers, parameters, i, shape.skip);
      rounding[n * o + i] = roundoff ** 2 * total.terms;
      weights[n * o + i] = total.errors;
    }
  }
  return { rounding, weights };
}

/** One matrix with what its rows see of a query; written anew for every query. */
interface Pass extends Block {
  /** Pre-activations, and the squares of what rounding (over u²) and the weights' errors can change of them. */
  readonly seen: Float64Array;
  readonly terms: Float64Array;
  readonly errors: Float64Array;
  /** What the neurons give on, the sizes that its rounding is measured by, and how steeply they do. */
  readonly values: Float64Array;
  readonly sizes: Float64Array;
  readonly steepness: Float64Array;
  /** ∂f/∂z of the rows. */
  readonly slopes: Float64Array;
  /** Where what the rows see is normalised before the activation. */
  norm?: NormPass;
}

function passFor(block: Block): Pass {
  const row = () => new Float64Array(block.rows);
  return {
    ...block,
    seen: row(),
    terms: row(),
    errors: row(),
    values: row(),
    sizes: row(),
    steepness: row(),
    slopes: row(),
  };
}

/** What the rows see: four at a time, so that four sums run side by side, each in its own order. */
function sumUp(
  pass: Pass,
  parameters: Float64Array,
  known: Float64Array | undefined,
  values: Float64Array,
  sizes: Float64Array,
): void {
  const { rows, columns, at } = pass;
  const blocked = rows - (rows % 4);
  for (let j = 0; j < blocked; j += 4) {
    sumUpFour(pass, j, parameters, values, sizes);
    if (known !== undefined) squareErrorsOfFour(pass, j, known, values);
  }
  for (let j = blocked; j < rows; j++) {
    const row = at + j * columns;
    let sum = 0;
    let squares = parameters[row + columns - 1] ** 2;
    let errors = known === undefined ? 0 : known[row + columns - 1] ** 2;
    for (let k = 0; k < columns - 1; k++) {
      const weight = parameters[row + k];
      sum += weight * values[k];
      squares += (weight * sizes[k]) ** 2 + sum * sum;
      if (known !== undefined) errors += (known[row + k] * values[k]) ** 2;
    }
    setRow(pass, j, sum + parameters[row + columns - 1], squares);
    pass.errors[j] = errors;
  }
}

function setRow({ seen, terms }: Pass, j: number, sum: number, squares: number): void {
  seen[j] = sum;
  terms[j] = squares + sum * sum;
}

function sumUpFour(
  pass: Pass,
  j: number,
  parameters: Float64Array,
  values: Float64Array,
  sizes: Float64Array,
): void {
  const { columns } = pass;
  const row0 = pass.at + j * columns;
  const [row1, row2, row3] = [row0 + columns, row0 + 2 * columns, row0 + 3 * columns];
  const last = columns - 1;
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
  let squares0 = parameters[row0 + last] ** 2;
  let squares1 = parameters[row1 + last] ** 2;
  let squares2 = parameters[row2 + last] ** 2;
  let squares3 = parameters[row3 + last] ** 2;
  for (let k = 0; k < last; k++) {
    const value = values[k];
    const square = sizes[k] ** 2;
    const weight0 = parameters[row0 + k];
    const weight1 = parameters[row1 + k];
    const weight2 = parameters[row2 + k];
    const weight3 = parameters[row3 + k];
    sum0 += weight0 * value;
    sum1 += weight1 * value;
    sum2 += weight2 * value;
    sum3 += weight3 * value;
    squares0 += weight0 * weight0 * square + sum0 * sum0;
    squares1 += weight1 * weight1 * square + sum1 * sum1;
    squares2 += weight2 * weight2 * square + sum2 * sum2;
    squares3 += weight3 * weight3 * square + sum3 * sum3;
  }
  setRow(pass, j, sum0 + parameters[row0 + last], squares0);
  setRow(pass, j + 1, sum1 + parameters[row1 + last], squares1);
  setRow(pass, j + 2, sum2 + parameters[row2 + last], squares2);
  setRow(pass, j + 3, sum3 + parameters[row3 + last], squares3);
}

function squareErrorsOfFour(
  { errors, at, columns }: Pass,
  j: number,
  known: Float64Array,
  values: Float64Array,
): void {
  const row0 = at + j * columns;
  const [row1, row2, row3] = [row0 + columns, row0 + 2 * columns, row0 + 3 * columns];
  const last = columns - 1;
  let errors0 = known[row0 + last] ** 2;
  let errors1 = known[row1 + last] ** 2;
  let errors2 = known[row2 + last] ** 2;
  let errors3 = known[row3 + last] ** 2;
  for (let k = 0; k < last; k++) {
    const square = values[k] * values[k];
    errors0 += known[row0 + k] * known[row0 + k] * square;
    errors1 += known[row1 + k] * known[row1 + k] * square;
    errors2 += known[row2 + k] * known[row2 + k] * square;
    errors3 += known[row3 + k] * known[row3 + k] * square;
  }
  errors[j] = errors0;
  errors[j + 1] = errors1;
  errors[j + 2] = errors2;
  errors[j + 3] = errors3;
}

/**
 * What neurons give on. Smooth functions are often evaluated through numbers near 1, as 1 + erf(z): what is left far
 * out is rounded like those. Near a kink the steeper side counts.
 */
function giveOn(
  layer: Pass,
  activation: Activation,
  ofNeurons: number | Float64Array,
  roundoff: number,
): void {
  const { rows, seen, terms, errors, values, sizes, steepness } = layer;
  for (let j = 0; j < rows; j++) {
    const slope = typeof ofNeurons === 'number' ? ofNeurons : ofNeurons[j];
    const z = seen[j];
    values[j] = activation.value(z, slope);
    steepness[j] = activation.derivative(z, slope);
    sizes[j] = activation.homogeneous ? values[j] : Math.max(Math.abs(values[j]), Math.min(1, Math.abs(z)));
    for (const kink of activation.kinks) {
      const reach = nearKink * Math.sqrt(roundoff ** 2 * terms[j] + errors[j]);
      if (Math.abs(z - kink) > reach) continue;
      for (const side of [kink + reach, kink - reach]) {
        const slopeThere = activation.derivative(side, slope);
        if (Math.abs(slopeThere) > Math.abs(steepness[j])) steepness[j] = slopeThere;
      }
    }
  }
}

/** The squared errors of output i, from the last matrix to the first. */
function errorOfOutput(layers: readonly Pass[], parameters: Float64Array, i: number, isSkipped: boolean) {
  const last = layers[layers.length - 1];
  let { [i]: terms } = last.terms;
  let { [i]: errors } = last.errors;
  for (let l = layers.length - 2; l >= 0; l--) {
    const next = layers[l + 1];
    const { rows, steepness, slopes, terms: ownTerms, errors: ownErrors, norm } = layers[l];
    const isLast = next === last;
    for (let k = 0; k < rows; k++) {
      let slope = 0;
      if (isLast) slope = parameters[next.at + i * next.columns + k];
      else
        for (let j = 0; j < next.rows; j++)
          slope += next.slopes[j] * parameters[next.at + j * next.columns + k];
      // with paths the layers behind the next one see the neuron too
      for (let b = l + 2, first = k + next.rows; b < layers.length && isSkipped; b++) {
        const behind = layers[b];
        if (behind === last) slope += parameters[behind.at + i * behind.columns + first];
        else
          for (let j = 0; j < behind.rows; j++)
            slope += behind.slopes[j] * parameters[behind.at + j * behind.columns + first];
        first += behind.rows;
      }
      slope *= steepness[k];
      slopes[k] = slope;
      if (norm !== undefined) continue;
      terms += slope * slope * ownTerms[k];
      errors += slope * slope * ownErrors[k];
    }
    if (norm === undefined) continue;
    const own = errorsThroughNorm(norm, slopes);
    terms += own.terms;
    errors += own.errors;
  }
  return { terms, errors };
}
