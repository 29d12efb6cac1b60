import { type ActivationName, activations } from '../../network/activations.js';
import { isBounded } from '../../network/families.js';
import { forward } from '../../network/forward.js';
import type { Layer, Network } from '../../records.js';
import type { CertaintyProblem } from './problem.js';
import type { RegionInputs, StatedRegion } from './region.js';

/**
 * The truth without what leaves no trace in a region: neurons without outgoing weights, without incoming ones, saturated
 * in all of it, or of a kinked activation that are off in all of it; and with neurons that are the same as one. Null where a neuron is
 * linear in the whole region: then the target is no minimal network there, and other weights give the same answers.
 */
export function reduceTruth(
  truth: Network,
  problem: CertaintyProblem,
  region: StatedRegion,
  drawn: RegionInputs,
): Network | null {
  let network: Network | null = truth;
  for (let index = 0; network !== null && index < truth.layers.length - 1; index++) {
    network = removeAffine(network, index, problem, region, drawn);
    if (network !== null) network = mergeEqual(removeConstant(network, index, drawn), index);
  }
  return network;
}

/** Neurons of relative distance below this, in weights and bias, are the same neuron. */
const equalDistance = 1e-14;

/** Removes kinked neurons that are off in the whole region; null where one is on in all of it. */
function removeAffine(
  network: Network,
  index: number,
  problem: CertaintyProblem,
  region: StatedRegion,
  drawn: RegionInputs,
): Network | null {
  if (!activations[network.activation].homogeneous) return network;
  const states = statesIn(network, index, problem, region, drawn);
  const isLinear = (state: State) =>
    state === 'on' || (state === 'off' && network.activation === 'leaky_relu');
  if (states.some(isLinear)) return null;
  return keepNeurons(network, index, (j) => states[j] === 'both');
}

type State = 'on' | 'off' | 'both';

/**
 * Whether the neurons of a layer bend inside of the region: with distances and in the first layer, a hyperplane that
 * is no further out than the largest size; within bounds one that cuts the box; elsewhere, by the fresh inputs.
 */
function statesIn(
  { activation, slope, layers }: Network,
  index: number,
  problem: CertaintyProblem,
  region: StatedRegion,
  drawn: RegionInputs,
): State[] {
  const layer = layers[index];
  const { inputs: d, outputs, weights, biases } = layer;
  const ranges = problem.options.bounds;
  if (index === 0 && region.kind !== 'pairs') {
    return Array.from({ length: outputs }, (_, j) => {
      const row = weights.subarray(j * d, (j + 1) * d);
      let middle = biases[j];
      let reach = region.most * Math.hypot(...row);
      if (region.kind === 'bounds' && ranges) {
        reach = 0;
        for (const [k, weight] of row.entries()) {
          const [lower, upper] = ranges[ranges.length === 1 ? 0 : k];
          middle += (weight * (lower + upper)) / 2;
          reach += (Math.abs(weight) * (upper - lower)) / 2;
        }
      }
      if (Math.abs(middle) <= reach) return 'both';
      return middle > 0 ? 'on' : 'off';
    });
  }
  const seen = forward({ activation, slope, layers: layers.slice(0, index + 1) }, drawn.inputs, drawn.count);
  return Array.from({ length: outputs }, (_, j) => {
    let on = 0;
    for (let n = 0; n < drawn.count; n++) if (seen[n * outputs + j] > 0) on++;
    return on === 0 ? 'off' : on === drawn.count ? 'on' : 'both';
  });
}

/**
 * Removes neurons without outgoing weights, and those that give a constant: without incoming ones, or because they are
 * saturated at all of the inputs, if any are given.
 */
function removeConstant(network: Network, index: number, drawn?: RegionInputs): Network {
  const { activation, slope, layers } = network;
  const [layer, next] = [layers[index], layers[index + 1]];
  const biases = next.biases.slice();
  const saturated = drawn && saturatedAt(network, index, drawn);
  const constants = Array.from({ length: layer.outputs }, (_, j) => {
    const row = layer.weights.subarray(j * layer.inputs, (j + 1) * layer.inputs);
    const isAlone = row.every((weight) => weight === 0);
    return isAlone ? activations[activation].value(layer.biases[j], slope) : saturated?.[j];
  });
  constants.forEach((value, j) => {
    if (value !== undefined)
      for (let o = 0; o < next.outputs; o++) biases[o] += next.weights[o * next.inputs + j] * value;
  });
  const changed = layers.with(index + 1, { ...next, biases });
  const isHeard = (j: number) =>
    Array.from({ length: next.outputs }, (_, o) => next.weights[o * next.inputs + j]).some((w) => w !== 0);
  return keepNeurons({ ...network, layers: changed }, index, (j) => constants[j] === undefined && isHeard(j));
}

/** What neurons of a layer of a bounded activation give where that is the same number, to its rounding, at all inputs. */
function saturatedAt(
  { activation, slope, layers }: Network,
  index: number,
  { inputs, count }: RegionInputs,
): (number | undefined)[] {
  const { value } = activations[activation];
  const { outputs } = layers[index];
  const seen = forward({ activation, slope, layers: layers.slice(0, index + 1) }, inputs, count);
  return Array.from({ length: outputs }, (_, j) => {
    const first = value(seen[j], slope);
    if (!isBounded(activation)) return undefined;
    for (let n = 1; n < count; n++) {
      if (!(Math.abs(value(seen[n * outputs + j], slope) - first) <= 2 ** -52 * Math.abs(first)))
        return undefined;
    }
    return first;
  });
}

/** Makes one neuron of those whose functions are the same up to a factor and a constant. */
function mergeEqual(network: Network, index: number): Network {
  const [layer, next] = [network.layers[index], network.layers[index + 1]];
  const weights = next.weights.slice();
  const biases = next.biases.slice();
  const gone = new Set<number>();
  for (let j = 0; j < layer.outputs; j++) {
    for (let i = 0; i < j && !gone.has(j); i++) {
      const factor = gone.has(i) ? undefined : sameFunction(layer, i, j, network.activation);
      if (factor === undefined) continue;
      gone.add(j);
      for (let o = 0; o < next.outputs; o++) {
        const own = weights[o * next.inputs + j];
        weights[o * next.inputs + i] += factor * own;
        if (factor < 0) biases[o] += activations[network.activation].oddConstant * own;
      }
    }
  }
  const layers = network.layers.with(index + 1, { ...next, weights, biases });
  const merged = keepNeurons({ ...network, layers }, index, (j) => !gone.has(j));
  return gone.size === 0 ? network : removeConstant(merged, index);
}

/** The f for which neuron j is f times neuron i (plus the constant of an odd activation, where f is −1). */
function sameFunction(layer: Layer, i: number, j: number, name: ActivationName): number | undefined {
  const { inputs: d, weights, biases } = layer;
  const [u, v] = [i, j].map((row) => [...weights.subarray(row * d, (row + 1) * d), biases[row]]);
  const { homogeneous, symmetry } = activations[name];
  const scale = homogeneous ? Math.hypot(...v) / Math.hypot(...u) : 1;
  for (const factor of symmetry === 'odd' ? [1, -1] : [scale]) {
    const apart = Math.hypot(...u.map((value, k) => factor * value - v[k]));
    if (apart <= equalDistance * Math.hypot(...v)) return factor;
  }
  return undefined;
}

/** The network with some neurons of one hidden layer only. */
function keepNeurons(network: Network, index: number, isKept: (neuron: number) => boolean): Network {
  const [layer, next] = [network.layers[index], network.layers[index + 1]];
  const kept = Array.from({ length: layer.outputs }, (_, j) => j).filter(isKept);
  if (kept.length === layer.outputs) return network;
  const { inputs: d } = layer;
  const smaller: Layer = {
    inputs: d,
    outputs: kept.length,
    weights: Float64Array.from(kept.flatMap((j) => [...layer.weights.subarray(j * d, (j + 1) * d)])),
    biases: Float64Array.from(kept, (j) => layer.biases[j]),
  };
  const behind: Layer = {
    ...next,
    inputs: kept.length,
    weights: Float64Array.from({ length: next.outputs * kept.length }, (_, i) => {
      const o = Math.floor(i / kept.length);
      return next.weights[o * next.inputs + kept[i % kept.length]];
    }),
  };
  return { ...network, layers: network.layers.with(index, smaller).with(index + 1, behind) };
}
