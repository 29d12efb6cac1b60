import { type ActivationName, activations } from '../network/activations.js';
import { activationOf, type DeepNetwork, deepBlocks } from '../network/deep.js';
import { hiddenFeatures, layerOutputs } from '../network/deep-features.js';
import { respondTo, seenByFirst } from '../network/response.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { residualsOf } from '../polish/loss.js';
import type { Dataset } from '../records.js';

/** Scales that a smooth neuron is tried with, in deviations of its pre-activation over the samples that show it. */
const scales = [0.5, 1, 2, 4];

/** Below this share of the largest residual a sample is taken for one where the neuron is silent. */
const silent = 0.02;

/**
 * Networks with one neuron more, where it may be missing: for every layer and every part of the samples (scaled
 * answers), the residuals there are taken for a·σ(w̃·h̃) of one neuron that sees what the layer sees, whose direction an
 * affine fit tells; its outgoing weights follow by least squares through the layers behind. The layer nearest to the
 * outputs comes first.
 */
export function candidatesAt(network: DeepNetwork, parts: readonly Dataset[]): DeepNetwork[] {
  const { widths } = network.shape;
  return widths
    .map((_, i) => widths.length - 1 - i)
    .flatMap((layer) =>
      parts.flatMap((part) => {
        const residuals = residualsOf(network, part);
        const given = layer === 0 ? part.inputs : hiddenFeatures(network, part, layer - 1);
        return incomingAt(activationOf(network.shape, layer), given, residuals, part.count).flatMap(
          (incoming) => {
            const outgoing = outgoingFor(network, layer, incoming, given, residuals, part);
            return outgoing === undefined ? [] : [withNeuron(network, layer, incoming, outgoing)];
          },
        );
      }),
    );
}

/** Incoming vectors (bias last) that the residuals (count × o) may be those of, in terms of what the layer sees. */
function incomingAt(
  activation: ActivationName,
  given: Float64Array,
  residuals: Float64Array,
  count: number,
): Float64Array[] {
  const q = given.length / count;
  const along = alongMainOutput(residuals, count);
  const largest = along.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const loud = Array.from({ length: count }, (_, n) => n).filter(
    (n) => Math.abs(along[n]) > silent * largest,
  );
  if (!(largest > 0) || loud.length < q + 2) return [];
  const rows = new Float64Array(loud.length * (q + 1));
  for (const [i, n] of loud.entries()) {
    rows.set(given.subarray(n * q, (n + 1) * q), i * (q + 1));
    rows[i * (q + 1) + q] = 1;
  }
  const values = Float64Array.from(loud, (n) => along[n]);
  const { coefficients } = solveLeastSquares(rows, values, loud.length, q + 1, 1, 1e-9);
  const { homogeneous, symmetry } = activations[activation];
  if (homogeneous) {
    const sign = Math.sign(values.reduce((sum, value) => sum + value, 0)) || 1;
    const norm = sign * Math.hypot(...coefficients);
    return norm === 0 ? [] : [coefficients.map((w) => w / norm)];
  }
  const length = Math.hypot(...coefficients.subarray(0, q));
  if (!(length > 0)) return [];
  const projections = Float64Array.from(loud, (_, i) => {
    let z = 0;
    for (let k = 0; k < q; k++) z += (coefficients[k] / length) * rows[i * (q + 1) + k];
    return z;
  });
  const centre = mean(projections);
  const deviation = Math.sqrt(mean(projections.map((z) => (z - centre) ** 2)));
  if (!(deviation > 0)) return [];
  const signs = symmetry === 'odd' ? [1] : [1, -1];
  return scales.flatMap((scale) =>
    signs.map((sign) => {
      const factor = (sign * scale) / deviation;
      const vector = coefficients.map((w) => (factor * w) / length);
      vector[q] = -factor * centre;
      return vector;
    }),
  );
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The residuals along the direction of the outputs in which they are largest. */
export function alongMainOutput(residuals: Float64Array, count: number): Float64Array {
  const o = residuals.length / count;
  let direction = new Float64Array(o).fill(1);
  for (let step = 0; step < 20; step++) {
    const next = new Float64Array(o);
    for (let n = 0; n < count; n++) {
      let product = 0;
      for (let k = 0; k < o; k++) product += residuals[n * o + k] * direction[k];
      for (let k = 0; k < o; k++) next[k] += product * residuals[n * o + k];
    }
    const norm = Math.hypot(...next);
    if (!(norm > 0)) break;
    direction = next.map((value) => value / norm);
  }
  return Float64Array.from({ length: count }, (_, n) =>
    direction.reduce((sum, value, k) => sum + value * residuals[n * o + k], 0),
  );
}

/** The outgoing weights of a neuron that make up best for the residuals, to first order in the layers behind. */
export function outgoingFor(
  network: DeepNetwork,
  layer: number,
  incoming: Float64Array,
  given: Float64Array,
  residuals: Float64Array,
  { inputs, count }: Dataset,
): Float64Array | undefined {
  const { shape } = network;
  const { outputs: o } = shape;
  const like = { activation: activationOf(shape, layer), slope: shape.slope };
  const own = layerOutputs(like, incoming, given, count);
  const isLast = layer === shape.widths.length - 1;
  const behind = isLast ? o : shape.widths[layer + 1];
  const rows = new Float64Array(count * o * behind);
  const rest = isLast ? undefined : networkFrom(network, layer + 1);
  const seen = isLast ? undefined : hiddenFeatures(network, { inputs, count }, layer);
  const width = shape.widths[layer];
  for (let n = 0; n < count; n++) {
    const slopes =
      rest === undefined || seen === undefined
        ? undefined
        : respondTo(rest, seenByFirst(rest, seen.subarray(n * width, (n + 1) * width))).slopes;
    for (let i = 0; i < o; i++) {
      for (let j = 0; j < behind; j++) {
        rows[(n * o + i) * behind + j] =
          own[n] * (slopes === undefined ? Number(i === j) : slopes[i * behind + j]);
      }
    }
  }
  if (count * o < behind || !rows.some((value) => value !== 0)) return undefined;
  const { coefficients } = solveLeastSquares(rows, residuals, count * o, behind, 1, 1e-9);
  return coefficients.every(Number.isFinite) ? coefficients : undefined;
}

/** The network from hidden layer `layer` on. */
function networkFrom({ shape, parameters }: DeepNetwork, layer: number): DeepNetwork {
  const { at, columns } = deepBlocks(shape)[layer];
  return {
    shape: {
      ...shape,
      inputs: columns - 1,
      widths: shape.widths.slice(layer),
      activation: activationOf(shape, layer),
      ...(shape.activations && { activations: shape.activations.slice(layer) }),
    },
    parameters: parameters.slice(at),
  };
}

/** A network with a neuron more at the end of a hidden layer. */
export function withNeuron(
  { shape, parameters }: DeepNetwork,
  layer: number,
  incoming: Float64Array,
  outgoing: Float64Array,
): DeepNetwork {
  const values: number[] = [];
  deepBlocks(shape).forEach(({ at, rows, columns }, index) => {
    for (let j = 0; j < rows; j++) {
      const row = parameters.subarray(at + j * columns, at + (j + 1) * columns);
      // what passes the layer stands behind its neurons
      const own = index === layer + 1 ? shape.widths[layer] : columns - 1;
      if (index === layer + 1) values.push(...row.subarray(0, own), outgoing[j], ...row.subarray(own));
      else values.push(...row);
    }
    if (index === layer) values.push(...incoming);
  });
  const widths = shape.widths.map((width, index) => (index === layer ? width + 1 : width));
  return { shape: { ...shape, widths }, parameters: Float64Array.from(values) };
}

/** Angles by which one neuron that stands for two is pulled apart. */
const apart = [1e-1, 1e-3];

/** Networks in which a neuron of the last hidden layer, which may stand for two, is pulled apart along `direction`. */
export function splitNeurons(network: DeepNetwork, direction: (size: number) => Float64Array): DeepNetwork[] {
  const { shape, parameters } = network;
  const layer = shape.widths.length - 1;
  const blocks = deepBlocks(shape);
  const { at, rows, columns } = blocks[layer];
  const last = blocks[layer + 1];
  return Array.from({ length: rows }, (_, j) => j).flatMap((j) =>
    apart.map((angle) => {
      const halved = parameters.slice();
      const outgoing = Float64Array.from({ length: last.rows }, (_, i) => {
        const place = last.at + i * last.columns + j;
        halved[place] /= 2;
        return halved[place];
      });
      const row = halved.subarray(at + j * columns, at + (j + 1) * columns);
      const length = Math.hypot(...row);
      const away = direction(columns);
      const other = row.map((w, k) => w + angle * length * away[k]);
      row.forEach((w, k) => {
        row[k] = w - angle * length * away[k];
      });
      return withNeuron({ shape, parameters: halved }, layer, other, outgoing);
    }),
  );
}
