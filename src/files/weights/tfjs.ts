import { create, toBinary } from '@bufbuild/protobuf';
import * as v from 'valibot';
import { InputError } from '../../base/errors.js';
import { GraphWriter, rowsOf } from '../export/onnx-nodes.js';
import { ModelProtoSchema } from '../onnx/onnx_pb.js';

/** Most layers that are read. */
const mostLayers = 1000;

const size = v.pipe(v.number(), v.integer(), v.minValue(0));
const layerSchema = v.looseObject({
  class_name: v.string(),
  config: v.looseObject({ name: v.optional(v.string(), ''), activation: v.optional(v.nullable(v.string())) }),
  inbound_nodes: v.optional(v.array(v.unknown())),
});
const modelSchema = v.looseObject({
  class_name: v.string(),
  config: v.union([v.array(layerSchema), v.looseObject({ layers: v.array(layerSchema) })]),
});
const fileSchema = v.looseObject({
  modelTopology: v.union([v.looseObject({ model_config: modelSchema }), modelSchema]),
  weightsManifest: v.array(
    v.looseObject({
      paths: v.array(v.string()),
      weights: v.array(
        v.looseObject({
          name: v.string(),
          shape: v.array(size),
          dtype: v.string(),
          quantization: v.optional(v.unknown()),
        }),
      ),
    }),
  ),
});

type Model = v.InferOutput<typeof modelSchema>;
type LayerConfig = v.InferOutput<typeof layerSchema>;

interface Weights {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Activations by their names in Keras and TensorFlow.js, and the ONNX operator of each. */
const activations: Readonly<
  Record<string, readonly [operator: string, attributes?: Record<string, number>]>
> = {
  relu: ['Relu'],
  tanh: ['Tanh'],
  sigmoid: ['Sigmoid'],
  softmax: ['Softmax', { axis: -1 }],
  softplus: ['Softplus'],
  softsign: ['Softsign'],
  elu: ['Elu'],
  selu: ['Selu'],
  swish: ['Swish'],
  silu: ['Swish'],
  mish: ['Mish'],
  gelu: ['Gelu'],
  exponential: ['Exp'],
  hardsigmoid: ['HardSigmoid'],
};

/** Layers that change nothing once a model is trained. */
const idle = /^(InputLayer|Dropout|GaussianNoise|GaussianDropout|ActivityRegularization|Flatten)$/;

/** Whether a JSON text is a model of TensorFlow.js with layers, and not one of operators. */
export const isLayersModel = (text: string): boolean =>
  text.includes('"weightsManifest"') && /"(class_name|model_config)"/.test(text);

/**
 * A layers model of TensorFlow.js as an ONNX file in float32: a chain of dense layers with their activations.
 * `readWhole` reads a file of weights beside the model. Throws `InputError`, less the file's name, for layers of
 * other kinds; sizes are compared with the files before anything is allocated.
 */
export function layersModelToOnnx(text: string, readWhole: (location: string) => Uint8Array): Uint8Array {
  const { modelTopology, weightsManifest } = parse(text);
  const topology = modelTopology as { model_config?: Model } & Model;
  const { config } = topology.model_config ?? topology;
  const layers: readonly LayerConfig[] = Array.isArray(config) ? config : config.layers;
  if (layers.length > mostLayers)
    throw new InputError(`has ${layers.length} layers, expected at most ${mostLayers}`);
  checkChain(layers);
  const weights = readWeights(weightsManifest, readWhole);
  const graph = new GraphWriter('float32');
  let value = 'input';
  let [inputs, outputs] = [0, 0];
  for (const [index, layer] of layers.entries()) {
    graph.scope = String(index);
    const { class_name: kind, config: own } = layer;
    const find = (name: string) => findWeights(weights, own.name, name);
    if (kind === 'Dense') {
      const { shape, values } = required(find('kernel'), own.name, 'kernel');
      if (shape.length !== 2 || (outputs !== 0 && shape[0] !== outputs) || shape.includes(0)) {
        throw new InputError(
          `has the layer '${own.name.slice(0, 40)}' with weights of shape (${shape}), which do not fit`,
        );
      }
      if (inputs === 0) [inputs] = shape;
      outputs = shape[1];
      value = graph.apply('MatMul', [value, graph.tensor(`${index}.kernel`, shape, values)]);
      const bias = find('bias');
      if (bias !== undefined)
        value = graph.apply('Add', [value, lineOf(graph, `${index}.bias`, bias, outputs)]);
      value = activate(graph, own.activation ?? 'linear', value);
    } else if (kind === 'Activation') value = activate(graph, own.activation ?? 'linear', value);
    else if (!idle.test(kind)) value = applyLayer(graph, layer, index, value, outputs, find);
  }
  if (inputs === 0) throw new InputError('has no dense layer, expected a multilayer perceptron');
  graph.scope = 'end';
  graph.apply('Identity', [value], {}, 'output');
  return encode(graph, inputs, outputs);
}

function parse(text: string): v.InferOutput<typeof fileSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError('is no JSON, or is cut short', { cause: error });
  }
  const result = v.safeParse(fileSchema, json);
  if (result.success) return result.output;
  const path = v.getDotPath(result.issues[0]) ?? 'the whole';
  throw new InputError(`is no layers model of TensorFlow.js: ${path.slice(0, 80)} is not what it should be`);
}

/** Throws `InputError` unless every layer reads the one before it, as those of a Sequential do. */
function checkChain(layers: readonly LayerConfig[]): void {
  const known = new Set(layers.map(({ config }) => config.name));
  for (const [index, { inbound_nodes: inbound, config }] of layers.entries()) {
    if (inbound === undefined || index === 0) continue;
    const sources = namesIn(inbound).filter((name) => known.has(name));
    if (inbound.length === 1 && sources.length === 1 && sources[0] === layers[index - 1].config.name)
      continue;
    throw new InputError(
      `has the layer '${config.name.slice(0, 40)}' that does not follow the one before it alone`,
    );
  }
}

/** Every text in nested lists and objects, without deep calls. */
function namesIn(value: unknown): string[] {
  const names: string[] = [];
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === 'string') names.push(next);
    else if (typeof next === 'object' && next !== null)
      for (const part of Object.values(next)) left.push(part);
  }
  return names;
}

function readWeights(
  manifest: v.InferOutput<typeof fileSchema>['weightsManifest'],
  readWhole: (location: string) => Uint8Array,
): Map<string, Weights> {
  const found = new Map<string, Weights>();
  for (const { paths, weights } of manifest) {
    const bytes = Buffer.concat(paths.map((path) => readPart(path, readWhole)));
    let at = 0;
    for (const { name, shape, dtype, quantization } of weights) {
      const count = shape.reduce((product, n) => product * n, 1);
      if (dtype !== 'float32' || quantization !== undefined) {
        throw new InputError(
          `has the weights '${name.slice(0, 40)}' of ${quantization ? 'reduced precision' : dtype.slice(0, 20)}, expected float32`,
        );
      }
      if (!Number.isSafeInteger(count) || at + 4 * count > bytes.length) {
        throw new InputError(
          `has the weights '${name.slice(0, 40)}' of ${count} numbers, more than its files hold`,
        );
      }
      const values = Float32Array.from({ length: count }, (_, i) => bytes.readFloatLE(at + 4 * i));
      if (!values.every(Number.isFinite)) {
        throw new InputError(`has the weights '${name.slice(0, 40)}' that are not finite`);
      }
      found.set(name, { shape, values });
      at += 4 * count;
    }
  }
  return found;
}

function readPart(path: string, readWhole: (location: string) => Uint8Array): Uint8Array {
  try {
    return readWhole(path);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`has weights in '${path.slice(0, 80)}', which ${error.message}`, { cause: error });
  }
}

/** Weights are called dense/kernel, dense_Dense1/kernel or dense/kernel:0. */
function findWeights(
  weights: ReadonlyMap<string, Weights>,
  layer: string,
  name: string,
): Weights | undefined {
  const isMeant = (key: string) => key.startsWith(`${layer}/`) && new RegExp(`/${name}(:\\d+)?$`).test(key);
  return [...weights].find(([key]) => isMeant(key))?.[1];
}

function required(found: Weights | undefined, layer: string, name: string): Weights {
  if (found !== undefined) return found;
  throw new InputError(`has no weights '${name}' of the layer '${layer.slice(0, 40)}'`);
}

/** A vector with one entry an output. */
function lineOf(graph: GraphWriter, name: string, { values }: Weights, outputs: number): string {
  if (values.length === outputs) return graph.tensor(name, [outputs], values);
  throw new InputError(`has the vector '${name}' of ${values.length} numbers, expected ${outputs}`);
}

function activate(graph: GraphWriter, name: string, value: string): string {
  const key = name.replaceAll('_', '').toLowerCase();
  if (key === 'linear') return value;
  const found = Object.hasOwn(activations, key) ? activations[key] : undefined;
  if (found === undefined) {
    throw new InputError(
      `has the activation '${name.slice(0, 40)}', expected one of ${Object.keys(activations).join(', ')}`,
    );
  }
  return graph.apply(found[0], [value], found[1] ?? {});
}

/** Layers that are activations or normalisations by themselves. */
function applyLayer(
  graph: GraphWriter,
  { class_name: kind, config }: LayerConfig,
  index: number,
  value: string,
  outputs: number,
  find: (name: string) => Weights | undefined,
): string {
  const told = (key: string, missing: number) => (typeof config[key] === 'number' ? config[key] : missing);
  switch (kind) {
    case 'ReLU': {
      if (config.max_value != null || told('negative_slope', 0) !== 0 || told('threshold', 0) !== 0) break;
      return graph.apply('Relu', [value]);
    }
    case 'LeakyReLU':
      return graph.apply('LeakyRelu', [value], { alpha: told('alpha', told('negative_slope', 0.3)) });
    case 'ELU':
      return graph.apply('Elu', [value], { alpha: told('alpha', 1) });
    case 'Softmax':
      return graph.apply('Softmax', [value], { axis: -1 });
    case 'PReLU': {
      const alpha = required(find('alpha'), config.name, 'alpha');
      return graph.apply('PRelu', [value, lineOf(graph, `${index}.alpha`, alpha, outputs)]);
    }
    case 'BatchNormalization': {
      const mean = required(find('moving_mean'), config.name, 'moving_mean').values;
      const variance = required(find('moving_variance'), config.name, 'moving_variance').values;
      const [gamma, beta] = [find('gamma')?.values, find('beta')?.values];
      const scale = Float32Array.from(
        variance,
        (n, i) => (gamma?.[i] ?? 1) / Math.sqrt(n + told('epsilon', 1e-3)),
      );
      const shift = Float32Array.from(mean, (n, i) => (beta?.[i] ?? 0) - n * scale[i]);
      const line = (name: string, values: Float32Array) =>
        lineOf(graph, `${index}.${name}`, { shape: [values.length], values }, values.length);
      const scaled = graph.apply('Mul', [value, line('scale', scale)]);
      return graph.apply('Add', [scaled, line('shift', shift)]);
    }
  }
  throw new InputError(`has a layer ${kind.slice(0, 40)}, expected dense layers and activations`);
}

function encode(graph: GraphWriter, inputs: number, outputs: number): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 24n }],
    graph: {
      name: 'network',
      node: graph.nodes,
      initializer: graph.tensors,
      input: [rowsOf('input', inputs, 'float32')],
      output: [rowsOf('output', outputs, 'float32')],
    },
  });
  return toBinary(ModelProtoSchema, model);
}
