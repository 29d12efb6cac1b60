import { create, toBinary } from '@bufbuild/protobuf';
import { activationOf } from '../../network/deep.js';
import { describeHead } from '../../network/head-text.js';
import { activationText, slopesText } from '../../network/layer-names.js';
import type { LayerNorm } from '../../network/layer-norm.js';
import { epsilonText } from '../../network/norm-names.js';
import { nameOfPath } from '../../network/path-names.js';
import type { Network } from '../../records.js';
import { ModelProtoSchema } from '../onnx/onnx_pb.js';
import { writeActivation, writeSlopes } from './onnx-activations.js';
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
 * "0.bias", "2.weight", …, those of linear paths "path.0.2.weight" (from the inputs to the sums of layer 2). A head follows as the operators that people use for it. Activation, slope, widths and head are in
 * `metadata_props`.
 */
export function encodeOnnx(network: Network, options: EncodeOptions = {}): Uint8Array {
  const { precision = 'float64', metadata } = options;
  const { layers, slope, paths = [] } = network;
  const graph = new GraphWriter(precision);
  let value = 'input';
  const given = [value];
  for (const [index, layer] of layers.entries()) {
    const last = index === layers.length - 1;
    graph.scope = String(2 * index);
    const weights = graph.tensor(`${graph.scope}.weight`, [layer.outputs, layer.inputs], layer.weights);
    const biases = graph.tensor(`${graph.scope}.bias`, [layer.outputs], layer.biases);
    const isOutput = last && network.head === undefined;
    const own = paths.filter(({ to }) => to === index + 1);
    const name = isOutput ? 'output' : undefined;
    value = graph.apply('Gemm', [value, weights, biases], { transB: 1 }, own.length === 0 ? name : undefined);
    for (const [place, path] of own.entries()) {
      const isLast = place === own.length - 1;
      const dims = [layer.outputs, path.weights.length / layer.outputs];
      const along = graph.tensor(nameOfPath(path), dims, path.weights);
      const passed = graph.apply('Gemm', [given[path.from], along], { transB: 1 });
      value = graph.apply('Add', [value, passed], {}, isLast ? name : undefined);
    }
    if (last) break;
    const norm = network.norms?.[index];
    if (norm) value = writeNorm(graph, norm, index, value);
    graph.scope = String(2 * index + 1);
    const each = network.slopes?.[index];
    value =
      each === undefined
        ? writeActivation(graph, activationOf(network, index), slope, value)
        : writeSlopes(graph, each, value);
    given.push(value);
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

/** The operator that normalises the sums of a layer; its gains and shifts are "norm.0.weight" and "norm.0.bias". */
function writeNorm(
  graph: GraphWriter,
  { gains, shifts, epsilon }: LayerNorm,
  index: number,
  value: string,
): string {
  graph.scope = `norm.${2 * index}`;
  const gain = graph.tensor(`${graph.scope}.weight`, [gains.length], gains);
  const shift = graph.tensor(`${graph.scope}.bias`, [shifts.length], shifts);
  return graph.apply('LayerNormalization', [value, gain, shift], { axis: -1, epsilon });
}

/**
 * What the weights alone do not tell, as text: activation, slope (leaky ReLU), widths, and the head with its limits
 * where there is one.
 */
export function describeNetwork(network: Network): Record<string, string> {
  const { activation, slope, layers, head } = network;
  const widths = [layers[0].inputs, ...layers.map(({ outputs }) => outputs)].join(',');
  return {
    activation: activationText(network),
    ...(activation === 'leaky_relu' && { slope: String(slope) }),
    ...(network.slopes && { slopes: slopesText(network.slopes) }),
    ...(network.norms && { epsilon: epsilonText(network.norms) }),
    widths,
    ...(head && describeHead(head)),
  };
}
