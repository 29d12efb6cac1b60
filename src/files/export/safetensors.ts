import { normArrays } from '../../network/norm-names.js';
import { nameOfPath } from '../../network/path-names.js';
import type { Network } from '../../records.js';
import { bytesOf } from '../data/encode.js';
import { describeNetwork } from './onnx.js';

/**
 * A network as a safetensors file (https://huggingface.co/docs/safetensors): the header's length as 8
 * little-endian bytes, the header in JSON, the tensors. Tensors are float64 and named as PyTorch names those
 * of an `nn.Sequential`: "0.weight" (outputs × inputs), "0.bias", "2.weight", …; linear paths are
 * "path.0.2.weight" (from the inputs to the sums of layer 2); activation, slope and widths are in the metadata.
 */
export function encodeSafetensors(network: Network): Uint8Array {
  const ofPaths = (network.paths ?? []).map((path) => {
    const { outputs } = network.layers[path.to - 1];
    return {
      name: nameOfPath(path),
      shape: [outputs, path.weights.length / outputs],
      values: path.weights,
    };
  });
  const ofLayers = network.layers.flatMap(({ inputs, outputs, weights, biases }, index) => [
    { name: `${2 * index}.weight`, shape: [outputs, inputs], values: weights },
    { name: `${2 * index}.bias`, shape: [outputs], values: biases },
  ]);
  const ofNorms = normArrays(network).map(({ name, values }) => ({ name, shape: [values.length], values }));
  const tensors = [...ofLayers, ...ofNorms, ...ofPaths];
  const header: Record<string, unknown> = { __metadata__: { format: 'pt', ...describeNetwork(network) } };
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    header[name] = { dtype: 'F64', shape, data_offsets: [offset, (offset += values.length * 8)] };
  }
  const text = JSON.stringify(header);
  const headerBytes = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8)); // names are ASCII
  const file = new Uint8Array(8 + headerBytes.length + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes.length), true);
  file.set(headerBytes, 8);
  let place = 8 + headerBytes.length;
  for (const { values } of tensors) {
    file.set(bytesOf(values), place);
    place += values.length * 8;
  }
  return file;
}
