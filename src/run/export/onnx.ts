import { create, toBinary } from '@bufbuild/protobuf';
import { describeHead } from '../../network/head-text.js';
import { ModelProtoSchema } from '../../oracle/onnx/onnx_pb.js';
import type { Network } from '../../records.js';
import { writeActivation } from './onnx-activations.js';
import { writeHead } from './onnx-head.js';
import { GraphWriter, rowsOf } from './onnx-nodes.js';

/** Options of `encodeOnnx`. */
export interface EncodeOptions {
  /**
   * Number type of inputs, weights and outputs. In `float64`, the default, the activations are written with
   * operators for which ONNX Runtime has float64 kernels; in `float32` the weights are rounded, and the plain
   * operators are used (Softplus, Elu, LeakyRelu, Erf).
   */
  readonly precision?: 'float32' | 'float64';
  /** What is added to `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A network as an ONNX file, in float64 unless told otherwise, with the input "input" (batch × d) and the
 * output "output" (batch × o). Weights are named as PyTorch names those of an `nn.Sequential`: "0.weight",
 * "0.bias", "2.weight", … A head follows as the operators that people use for it. Activation, slope, widths and head are in
 * `metadata_props`.
 */
export function encodeOnnx(network: Network, options: EncodeOptions = {}): Uint8Array {
  const { precision = 'float64', metadata } = options;
  const { layers, activation, slope } = network;
  const graph = new GraphWriter(precision);
  let value = 'input';
  for (const [index, layer] of layers.entries()) {
    const last = index === layers.length - 1;
    graph.scope = String(2 * index);
    const weights = graph.tensor(`${graph.scope}.weight`, [layer.outputs, layer.inputs], layer.weights);
    const biases = graph.tensor(`${graph.scope}.bias`, [layer.outputs], layer.biases);
    const isOutput = last && network.head === undefined;
    value = graph.apply('Gemm', [value, weights, biases], { transB: 1 }, isOutput ? 'output' : undefined);
    if (last) break;
    graph.scope = String(2 * index + 1);
    value = writeActivation(graph, activation, slope, value);
  }
  if (network.head !== undefined) {
    graph.scope = 'head';
    writeHead(graph, network.head, value, 'output');
  }
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: 'expand-and-cluster',
    opsetImport: [{ domain: '', version: 17n }],
    metadataProps: Object.entries({ ...describeNetwork(network), ...metadata }).map(([key, value]) => ({
      key,
      value,
    })),
    graph: {
      name: 'network',
      node: graph.nodes,
      initializer: graph.tensors,
      input: [rowsOf('input', layers[0].inputs, precision)],
      output: [rowsOf('output', layers[layers.length - 1].outputs, precision)],
    },
  });
  return toBinary(ModelProtoSchema, model);
}

/**
 * What the weights alone do not tell, as text: activation, slope (leaky ReLU), widths, and the head with its limits
 * where there is one.
 */
export function describeNetwork({ activation, slope, layers, head }: Network): Record<string, string> {
  const widths = [layers[0].inputs, ...layers.map(({ outputs }) => outputs)].join(',');
  return {
    activation,
    ...(activation === 'leaky_relu' && { slope: String(slope) }),
    widths,
    ...(head && describeHead(head)),
  };
}
