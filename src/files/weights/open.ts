import { InputError } from '../../base/errors.js';
import { type ActivationName, defaultLeakySlope } from '../../network/activations.js';
import { headOf } from '../../network/head-text.js';
import { activationsFromText, slopesFromText } from '../../network/layer-names.js';
import { isOfNorm, normsFromArrays } from '../../network/norm-names.js';
import { isPath, pathsFromArrays } from '../../network/path-names.js';
import type { Network } from '../../records.js';
import { isZip, readNpz } from '../data/npz.js';
import { type NamedArray, readSafetensors } from '../data/safetensors.js';
import { encodeOnnx } from '../export/onnx.js';
import { type OnnxModel, type OnnxOptions, openOnnx } from '../onnx/open.js';
import { layersFromArrays } from './layers-from-arrays.js';
import { isNnet, readNnet } from './nnet.js';

/** How the weights of a file become a target. */
export interface WeightsOptions extends OnnxOptions {
  /** The activation of the hidden layers, unless the file's metadata name it. */
  readonly activation?: ActivationName | 'auto' | undefined;
  /** The head that is meant, where the names of the arrays tell several. */
  readonly output?: string | undefined;
}

/**
 * A multilayer perceptron from its weights in a safetensors, NPZ or .nnet file, behind its inputs and outputs alone:
 * it becomes the same ONNX model that an exporter would write, in the number type of its weights. Throws
 * `InputError` that names the file.
 */
export function openWeights(bytes: Uint8Array, fileName: string, options: WeightsOptions = {}): OnnxModel {
  const { precision } = options;
  if (isNnetFile(bytes, fileName)) return openNnet(bytes, fileName, precision);
  const { network, isFloat32 } = readWeights(bytes, fileName, options);
  const model = encodeOnnx(network, { precision: isFloat32 ? 'float32' : 'float64' });
  return openOnnx(model, fileName, precision === undefined ? {} : { precision });
}

/** By what it begins with, or else by its name, whose own errors then tell what is wrong. */
const isNnetFile = (bytes: Uint8Array, fileName: string) => isNnet(bytes) || /\.nnet$/i.test(fileName);

/** A .nnet file: inputs outside of its bounds are moved to them first, as its own software does. */
function openNnet(bytes: Uint8Array, fileName: string, precision: OnnxOptions['precision']): OnnxModel {
  const { network, least, most } = inFile(fileName, () => readNnet(bytes));
  const model = openOnnx(encodeOnnx(network), fileName, precision === undefined ? {} : { precision });
  const { inputDimension: d } = model;
  return {
    ...model,
    evaluate(inputs, count) {
      const inside = inputs.map((value, i) => Math.max(least[i % d], Math.min(most[i % d], value)));
      return model.evaluate(inside, count);
    },
  };
}

/** The network that a file of weights holds, and whether its number type is float32. Throws as `openWeights` does. */
export function readWeights(
  bytes: Uint8Array,
  fileName: string,
  options: Pick<WeightsOptions, 'activation' | 'output'>,
): { readonly network: Network; readonly isFloat32: boolean } {
  return inFile(fileName, () => {
    if (isNnetFile(bytes, fileName)) return { network: readNnet(bytes).network, isFloat32: false };
    const { arrays: all, metadata } = isZip(bytes) ? readNpz(bytes) : readSafetensors(bytes);
    const slopes = all.filter(({ name, data }) => name === 'slope' && data.length === 1);
    const ofPaths = all.filter(isPath);
    const ofNorms = all.filter(isOfNorm);
    const beside = [...slopes, ...ofPaths, ...ofNorms];
    const arrays = all.filter((array) => !beside.includes(array));
    const { layers, used } = layersFromArrays(arrays, options.output);
    const told = options.activation;
    const named = told === undefined || told === 'auto' ? metadata.activation : told;
    if (named === undefined) {
      throw new InputError(
        'holds weights and does not name their activation, expected --activation with its name',
      );
    }
    const own = activationsFromText(named, layers.length - 1);
    const name = own.activation;
    const toldSlope = slopes.length > 0 ? String(slopes[0].data[0]) : metadata.slope;
    const ofNeurons = slopesFromText(metadata.slopes, layers);
    const slope = name === 'leaky_relu' ? readSlope(toldSlope) : defaultLeakySlope;
    const head = headOf(metadata, layers[layers.length - 1].outputs);
    const paths = pathsFromArrays(ofPaths, layers);
    const norms = normsFromArrays(ofNorms, metadata.epsilon, layers);
    return {
      network: {
        ...own,
        slope,
        ...ofNeurons,
        ...(norms && { norms }),
        layers,
        ...(paths.length > 0 && { paths }),
        ...(head && { head }),
      },
      isFloat32: [...used, ...ofPaths, ...ofNorms].every(isNarrow),
    };
  });
}

/** Whether every number of the array is a float32 number by its type. */
const isNarrow = ({ type }: NamedArray) => /^(F32|F16|BF16|[<>]f[24])$/.test(type);

function readSlope(text: string | undefined): number {
  const slope = text === undefined || text.trim() === '' ? defaultLeakySlope : Number(text);
  if (Number.isFinite(slope)) return slope;
  throw new InputError(`has the slope '${text}' in its metadata, expected a number`);
}

function inFile<T>(fileName: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const separator = /^(is|has|holds) /.test(error.message) ? ' ' : ': ';
    // names come from the file: whatever they hold, the message stays one line
    const message = error.message.replaceAll(/\p{Cc}/gu, '�').slice(0, 800);
    throw new InputError(`${fileName}${separator}${message}`, { cause: error });
  }
}
