import { InputError } from '../base/errors.js';
import { parseTable } from '../files/data/parse-table.js';
import { openOnnx } from '../files/onnx/open.js';
import { openWeights } from '../files/weights/open.js';
import type { ActivationName } from '../network/activations.js';
import { forward } from '../network/forward.js';
import type { OpenedSource, Source } from './protocol.js';

const counted = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;

/**
 * Opens what is to be recovered behind its answers alone: an ONNX file, weights in a safetensors, NPZ or .nnet file, or
 * pairs in a CSV, NPZ, NPY or safetensors file. Throws `InputError` naming the file.
 */
export function openSource(source: Source, activation: ActivationName | 'auto'): OpenedSource {
  if (source.kind === 'network') {
    const { network } = source;
    const [inputs, outputs] = [network.layers[0].inputs, network.layers[network.layers.length - 1].outputs];
    const description = `a network that was drawn here: ${counted(inputs, 'input')}, ${counted(outputs, 'output')}`;
    return { kind: 'target', description, inputs, outputs, ask: (x, count) => forward(network, x, count) };
  }
  const { name, bytes } = source;
  if (/\.onnx$/i.test(name)) return asTarget(name, openOnnx(bytes, name));
  if (!/\.(safetensors|npz|nnet|csv|tsv|txt|npy)$/i.test(name)) {
    throw new InputError(
      `${name} is no file that is read here, expected .onnx, .safetensors, .npz, .nnet, .npy or .csv`,
    );
  }
  if (!/\.(safetensors|npz|nnet)$/i.test(name)) return asPairs(name, bytes);
  try {
    return asTarget(name, openWeights(bytes, name, { activation }));
  } catch (asWeights) {
    if (!(asWeights instanceof InputError)) throw asWeights;
    const named = asWeights.message.replace('--activation with its name', 'it to be chosen beside');
    try {
      return asPairs(name, bytes);
    } catch (error) {
      // weights without the name of their activation are no pairs either: what is said of weights helps
      throw error instanceof InputError ? new InputError(named, { cause: asWeights }) : error;
    }
  }
}

function asTarget(name: string, model: ReturnType<typeof openOnnx>): OpenedSource {
  const { inputDimension: inputs, outputDimension: outputs, precision } = model;
  const description = `${name} (${counted(inputs, 'input')}, ${counted(outputs, 'output')}, ${precision})`;
  return { kind: 'target', description, inputs, outputs, ask: (x, count) => model.evaluate(x, count) };
}

function asPairs(name: string, bytes: Uint8Array): OpenedSource {
  const { inputs, outputs, count, inputDimension, outputDimension } = parseTable(bytes, name);
  const pairs = { inputs, outputs, count, inputDimension, outputDimension };
  const description = `${counted(count, 'pair')} in ${name} (${counted(inputDimension, 'input')}, ${counted(outputDimension, 'output')})`;
  return { kind: 'pairs', description, inputs: inputDimension, outputs: outputDimension, pairs };
}
