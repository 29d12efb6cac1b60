import { describeHead } from '../../network/head-text.js';
import { normArrays } from '../../network/norm-names.js';
import { nameOfPath } from '../../network/path-names.js';
import type { Network } from '../../records.js';
import { encodeNpz, type NpyArray } from '../data/encode.js';
import { describeNetwork } from './onnx.js';

/**
 * A network as an NPZ file: the names are those of the safetensors file ("0.weight" outputs × inputs,
 * "0.bias", "2.weight", …), `activation` and `slope` are arrays of one entry, and so is `head` where there is one, with
 * its limits in `head_lower` and `head_upper` as text with commas. Linear paths are "path.0.2.weight", from the inputs to
 * the sums of layer 2.
 */
export function encodeNetworkNpz(network: Network): Uint8Array {
  const arrays: Record<string, NpyArray | string> = {};
  for (const [index, { inputs, outputs, weights, biases }] of network.layers.entries()) {
    arrays[`${2 * index}.weight`] = { shape: [outputs, inputs], values: weights };
    arrays[`${2 * index}.bias`] = { shape: [outputs], values: biases };
  }
  for (const { name, values } of normArrays(network)) arrays[name] = { shape: [values.length], values };
  for (const path of network.paths ?? []) {
    const { outputs } = network.layers[path.to - 1];
    arrays[nameOfPath(path)] = { shape: [outputs, path.weights.length / outputs], values: path.weights };
  }
  arrays.activation = describeNetwork(network).activation;
  if (network.head !== undefined) Object.assign(arrays, describeHead(network.head));
  if (network.slopes !== undefined) arrays.slopes = describeNetwork(network).slopes;
  if (network.norms !== undefined) arrays.epsilon = describeNetwork(network).epsilon;
  arrays.slope = { shape: [], values: Float64Array.of(network.slope) };
  return encodeNpz(arrays);
}
