import { InputError } from '../../base/errors.js';
import { type ActivationName, activationNamed, defaultLeakySlope } from '../../network/activations.js';
import type { Network } from '../../records.js';
import { encodeOnnx } from '../../run/export/onnx.js';
import { isZip, readNpz } from '../data/npz.js';
import { type NamedArray, readSafetensors } from '../data/safetensors.js';
import { type OnnxModel, type OnnxOptions, openOnnx } from '../onnx/open.js';
import { layersFromArrays } from './layers-from-arrays.js';

/** How the weights of a file become a target. */
export interface WeightsOptions extends OnnxOptions {
  /** The activation of the hidden layers, unless the file's metadata name it. */
  readonly activation?: ActivationName | 'auto' | undefined;
}

/**
 * A multilayer perceptron from its weights in a safetensors or NPZ file, behind its inputs and outputs alone:
 * it becomes the same ONNX model that an exporter would write, in the number type of its weights. Throws
 * `InputError` that names the file.
 */
export function openWeights(bytes: Uint8Array, fileName: string, options: WeightsOptions = {}): OnnxModel {
  const { activation, precision } = options;
  const { network, isFloat32 } = inFile(fileName, () => readWeights(bytes, activation));
  const model = encodeOnnx(network, { precision: isFloat32 ? 'float32' : 'float64' });
  return openOnnx(model, fileName, precision === undefined ? {} : { precision });
}

function readWeights(bytes: Uint8Array, told: ActivationName | 'auto' | undefined) {
  const { arrays, metadata } = isZip(bytes)
    ? { arrays: readNpz(bytes), metadata: {} as Record<string, string> }
    : readSafetensors(bytes);
  const layers = layersFromArrays(arrays);
  const named = told === undefined || told === 'auto' ? metadata.activation : told;
  if (named === undefined) {
    throw new InputError(
      'holds weights and does not name their activation, expected --activation with its name',
    );
  }
  const { name } = activationNamed(named);
  const slope = name === 'leaky_relu' ? readSlope(metadata.slope) : 0;
  const network: Network = { activation: name, slope, layers };
  return { network, isFloat32: arrays.every(isNarrow) };
}

/** Whether every number of the array is a float32 number by its type. */
const isNarrow = ({ type }: NamedArray) => /^(F32|F16|BF16|[<|]f4)$/.test(type);

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
