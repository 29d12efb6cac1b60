import { activations } from '../network/activations.js';
import { type DeepNetwork, deepBlocks, fromMatrices } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import { dot } from '../numeric/dot.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { orthonormalise, projectOut } from '../numeric/orthogonal.js';
import { turnRows } from '../numeric/signs.js';
import { likelySigns } from '../reconstruct/try-signs.js';
import type { Dataset } from '../records.js';

/** A weight changes nothing in answers where a neuron and what it sees are on the same sides at all but so few samples. */
const leastTogether = 4;

/** What is left of a path below this share of the neurons' own affine parts is rounding. */
const leftOver = 2e-3;

/** Neurons that are always active stay so, by this share of the range of what they see. */
const margin = 0.1;

/** The second hidden layer of a network beside a path, and what it gives on. */
interface Behind {
  /** Rows of its neurons, bias last. */
  readonly incoming: Float64Array;
  readonly neurons: number;
  /** Numbers that it sees, at `count` samples: count × inputs. */
  readonly inputs: number;
  readonly seen: Float64Array;
  readonly count: number;
  /** Outgoing weights (o × neurons), path (o × inputs) and constants. */
  readonly outgoing: Float64Array;
  readonly path: Float64Array;
  readonly constants: Float64Array;
  readonly outputs: number;
  /** κ of σ(z) = σ(−z) + κz. */
  readonly kappa: number;
}

/**
 * Networks with two hidden layers of even + linear neurons that do without the path which this one has beside its second
 * layer, as residual networks have it: with σ(z) = σ(−z) + κz a neuron that points the wrong way leaves a path, so the
 * signs with which none is needed are the target's (method.md §6). Likely choices of signs, at most `most` of each kind,
 * those with fewest neurons first: where a choice leaves some of the path, neurons that are active at all samples are it.
 */
export function turnBesidePath(network: DeepNetwork, dataset: Dataset, most: number): DeepNetwork[] {
  const { shape, parameters } = network;
  const [first] = deepBlocks(shape);
  const behind = behindOf(network, dataset);
  const choices = [equationsOf(behind, false), equationsOf(behind, true)].flatMap(({ skip, maps }) =>
    likelySigns(skip, maps, behind.kappa / 2, most),
  );
  const seen = new Set<string>();
  const distinct = choices.filter((signs) => !seen.has(signs.join()) && seen.add(signs.join()));
  const before = { values: parameters.slice(0, first.rows * first.columns), rows: first.rows };
  return distinct
    .map((signs) => withSigns(behind, signs))
    .sort((a, b) => a.neurons - b.neurons)
    .map(({ incoming, neurons, outgoing, constants, outputs }) => {
      const last = Float64Array.from({ length: outputs * (neurons + 1) }, (_, at) => {
        const [i, j] = [Math.floor(at / (neurons + 1)), at % (neurons + 1)];
        return j < neurons ? outgoing[i * neurons + j] : constants[i];
      });
      return fromMatrices(shape.activation, shape.slope, [
        before,
        { values: incoming, rows: neurons },
        { values: last, rows: outputs },
      ]);
    });
}

function behindOf(network: DeepNetwork, dataset: Dataset): Behind {
  const { shape, parameters } = network;
  const [, own, last] = deepBlocks(shape);
  const inputs = own.columns - 1;
  const part = (from: number, width: number) =>
    Float64Array.from({ length: last.rows * width }, (_, at) => {
      const [i, k] = [Math.floor(at / width), at % width];
      return parameters[last.at + i * last.columns + from + k];
    });
  return {
    incoming: parameters.slice(own.at, own.at + own.rows * own.columns),
    neurons: own.rows,
    inputs,
    seen: hiddenFeatures(network, dataset, 0),
    count: dataset.count,
    outgoing: part(0, own.rows),
    path: part(own.rows, inputs),
    constants: part(last.columns - 1, 1),
    outputs: last.rows,
    kappa: activations[shape.activation].evenSlope(shape.slope),
  };
}

/**
 * The path and the neurons' own affine maps, o × inputs each, every input in its deviations. Where `isCautious`, what
 * weights that the samples leave open would change of them is projected out.
 */
function equationsOf(behind: Behind, isCautious: boolean): { skip: Float64Array; maps: Float64Array } {
  const { incoming, neurons, inputs, outgoing, path, outputs } = behind;
  const deviations = deviationsOf(behind);
  const size = outputs * inputs;
  const skip = path.map((value, at) => value * deviations[at % inputs]);
  const maps = Float64Array.from({ length: neurons * size }, (_, at) => {
    const [j, i, k] = [Math.floor(at / size), Math.floor((at % size) / inputs), at % inputs];
    return outgoing[i * neurons + j] * incoming[j * (inputs + 1) + k] * deviations[k];
  });
  if (!isCautious) return { skip, maps };
  const together = togetherOf(behind);
  for (let k = 0; k < inputs; k++) {
    const open = Array.from({ length: neurons }, (_, j) => j).filter(
      (j) => together[j * inputs + k] < leastTogether,
    );
    const directions = new Float64Array(open.flatMap((j) => columnOf(outgoing, neurons, j)));
    const basis = orthonormalise(directions, open.length, outputs);
    for (const whole of [
      skip,
      ...Array.from({ length: neurons }, (_, j) => maps.subarray(j * size, (j + 1) * size)),
    ]) {
      const own = Float64Array.from(columnOf(whole, inputs, k));
      projectOut(basis, own);
      own.forEach((value, i) => {
        whole[i * inputs + k] = value;
      });
    }
  }
  return { skip, maps };
}

const columnOf = (values: Float64Array, columns: number, column: number) =>
  Array.from({ length: values.length / columns }, (_, i) => values[i * columns + column]);

function deviationsOf({ seen, inputs, count }: Behind): Float64Array {
  return Float64Array.from({ length: inputs }, (_, k) => {
    let [sum, squares] = [0, 0];
    for (let n = 0; n < count; n++) {
      sum += seen[n * inputs + k];
      squares += seen[n * inputs + k] ** 2;
    }
    return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
  });
}

/** At how many samples an input is active where a neuron is, or where it is not, whichever are fewer: neurons × inputs. */
function togetherOf({ incoming, neurons, inputs, seen, count }: Behind): Float64Array {
  const counts = new Float64Array(neurons * inputs);
  for (let j = 0; j < neurons; j++) {
    const row = incoming.subarray(j * (inputs + 1), (j + 1) * (inputs + 1));
    const sides = [new Float64Array(inputs), new Float64Array(inputs)];
    for (let n = 0; n < count; n++) {
      const values = seen.subarray(n * inputs, (n + 1) * inputs);
      const side = sides[dot(row.subarray(0, inputs), values) + row[inputs] > 0 ? 1 : 0];
      for (let k = 0; k < inputs; k++) if (values[k] > 0) side[k]++;
    }
    for (let k = 0; k < inputs; k++) counts[j * inputs + k] = Math.min(sides[0][k], sides[1][k]);
  }
  return counts;
}

/** The layer with its neurons turned, and what that leaves of the path as neurons that are active at all samples. */
function withSigns(behind: Behind, signs: readonly (1 | -1)[]): Behind {
  const { incoming, neurons, inputs, outgoing, outputs, kappa } = behind;
  const path = behind.path.slice();
  const constants = behind.constants.slice();
  for (let j = 0; j < neurons; j++) {
    if (signs[j] > 0) continue;
    for (let i = 0; i < outputs; i++) {
      const weight = kappa * outgoing[i * neurons + j];
      for (let k = 0; k < inputs; k++) path[i * inputs + k] += weight * incoming[j * (inputs + 1) + k];
      constants[i] += weight * incoming[j * (inputs + 1) + inputs];
    }
  }
  const turned = { ...behind, incoming: turnRows(incoming, signs), path, constants };
  const { skip, maps } = equationsOf(turned, false);
  const least = leftOver * Math.hypot(...maps);
  if (Math.hypot(...skip) <= least) return { ...turned, path: path.fill(0) };
  return withAlways(turned, least);
}

/** The layer with neurons that are active at all samples in place of the path, as few as leave no more than `least` of it. */
function withAlways(behind: Behind, least: number): Behind {
  const { neurons, inputs, outputs, path } = behind;
  const rows = Array.from({ length: outputs }, (_, i) => path.slice(i * inputs, (i + 1) * inputs));
  const chosen = spanningRows(rows, deviationsOf(behind), least);
  const vectors = chosen.map((i) => activeEverywhere(rows[i], behind));
  const matrix = Float64Array.from({ length: inputs * chosen.length }, (_, at) => {
    return rows[chosen[at % chosen.length]][Math.floor(at / chosen.length)];
  });
  const shares = rows.map(
    (row) => solveLeastSquares(matrix, row, inputs, chosen.length, 1, 1e-9).coefficients,
  );
  return {
    ...behind,
    neurons: neurons + chosen.length,
    incoming: Float64Array.of(...behind.incoming, ...vectors.flatMap((vector) => [...vector])),
    outgoing: Float64Array.from(
      rows.flatMap((_, i) => [...behind.outgoing.subarray(i * neurons, (i + 1) * neurons), ...shares[i]]),
    ),
    constants: behind.constants.map((value, i) =>
      vectors.reduce((sum, vector, q) => sum - shares[i][q] * vector[inputs], value),
    ),
    path: path.fill(0),
  };
}

/** Rows of a path that explain the others: the largest first, every input in its deviations. */
function spanningRows(rows: readonly Float64Array[], deviations: Float64Array, least: number): number[] {
  const rest = rows.map((row) => row.map((value, k) => value * deviations[k]));
  const chosen: number[] = [];
  while (chosen.length < rows.length) {
    const sizes = rest.map((row) => Math.hypot(...row));
    if (Math.hypot(...sizes) <= least) break;
    const largest = sizes.indexOf(Math.max(...sizes));
    chosen.push(largest);
    const direction = rest[largest].map((value) => value / sizes[largest]);
    for (const row of rest) projectOut([direction], row);
  }
  return chosen;
}

/** A neuron that sees a linear map, with a bias with which it is active at all samples. */
function activeEverywhere(weights: Float64Array, { seen, inputs, count }: Behind): Float64Array {
  let [smallest, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let n = 0; n < count; n++) {
    const z = dot(weights, seen.subarray(n * inputs, (n + 1) * inputs));
    smallest = Math.min(smallest, z);
    largest = Math.max(largest, z);
  }
  return Float64Array.of(...weights, margin * (largest - smallest) - smallest);
}
